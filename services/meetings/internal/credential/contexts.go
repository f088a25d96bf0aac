package credential

import (
	_ "embed"
	"encoding/json"
	"strings"
)

const (
	credentialsV2 = "https://www.w3.org/ns/credentials/v2"
	badgesV3      = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
	// contextPath is where the door serves our own terms.
	contextPath = "/v1/credentials/context"
)

// The terms that our credentials use of the two public contexts: the names are theirs and lead to the same IRIs, so that the
// canonical form is the same as with the whole. Nothing else is ever read with them. Our own terms are whole.
var (
	//go:embed contexts/credentials-v2.json
	credentialsTerms []byte
	//go:embed contexts/badges-v3.json
	badgesTerms []byte
	//go:embed contexts/meeting-v1.json
	meetingTerms []byte
)

var (
	knownCredentials = mustParse(credentialsTerms)
	knownBadges      = mustParse(badgesTerms)
	knownMeeting     = mustParse(meetingTerms)
)

// term is what a context says of a name: the IRI that it stands for, and what its values are.
type term struct {
	iri    string
	kind   string          // "" for a text, "@id" for a node, "@vocab" for another term, otherwise the IRI of a datatype
	scoped map[string]term // the terms that nodes of this type have besides
}

// UnmarshalJSON reads a term in either of its forms, an IRI or an object.
func (t *term) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &t.iri) == nil {
		return nil
	}
	var long struct {
		ID      string          `json:"@id"`
		Type    string          `json:"@type"`
		Context json.RawMessage `json:"@context"`
	}
	if err := json.Unmarshal(text, &long); err != nil || len(long.Context) == 0 {
		*t = term{iri: long.ID, kind: long.Type}
		return err
	}
	scoped, err := parseTerms(long.Context)
	*t = term{long.ID, long.Type, scoped}
	return err
}

func parseTerms(text []byte) (map[string]term, error) {
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(text, &entries); err != nil {
		return nil, err
	}
	delete(entries, "@protected")
	terms := make(map[string]term, len(entries))
	for name, entry := range entries {
		var t term
		if err := json.Unmarshal(entry, &t); err != nil {
			return nil, err
		}
		terms[name] = t
	}
	return terms, nil
}

func mustParse(text []byte) map[string]term {
	var document struct {
		Context json.RawMessage `json:"@context"`
	}
	err := json.Unmarshal(text, &document)
	if err == nil {
		var terms map[string]term
		if terms, err = parseTerms(document.Context); err == nil {
			return terms
		}
	}
	panic(err) // it is ours, and embedded
}

// termsAt are those of a context of ours; nobody is asked for others.
func termsAt(url string) (map[string]term, bool) {
	switch {
	case url == credentialsV2:
		return knownCredentials, true
	case url == badgesV3:
		return knownBadges, true
	case isMeetingContext(url):
		return knownMeeting, true
	}
	return nil, false
}

// isMeetingContext leaves the host open: whoever signed has chosen it, and what it stands for is the same everywhere.
func isMeetingContext(url string) bool {
	return (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) && strings.HasSuffix(url, contextPath)
}
