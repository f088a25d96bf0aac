package credential

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/piprate/json-gold/ld"
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

func mustParse(text []byte) any {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		panic(err) // it is ours, and embedded
	}
	return v
}

// loader knows these contexts and asks nobody for others.
type loader struct{}

// LoadDocument is part of ld.DocumentLoader.
func (loader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	var known any
	switch {
	case url == credentialsV2:
		known = knownCredentials
	case url == badgesV3:
		known = knownBadges
	case isMeetingContext(url):
		known = knownMeeting
	default:
		return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, fmt.Sprintf("%s is no context of ours", url))
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: known}, nil
}

// isMeetingContext leaves the host open: whoever signed has chosen it, and what it stands for is the same everywhere.
func isMeetingContext(url string) bool {
	return (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) && strings.HasSuffix(url, contextPath)
}

// canonical gives a document of ours its one form (RDFC-1.0). Only what the types here write gets so far: a term that no context
// explains would be left out of the form, and of what is signed.
func canonical(document any) (string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		return "", err
	}
	options := ld.NewJsonLdOptions("")
	options.ProcessingMode = ld.JsonLd_1_1
	options.Algorithm = ld.AlgorithmURDNA2015
	options.Format = "application/n-quads"
	options.DocumentLoader = loader{}
	quads, err := ld.NewJsonLdProcessor().Normalize(plain, options)
	if err != nil {
		return "", fmt.Errorf("canonical form: %w", err)
	}
	form, ok := quads.(string)
	if !ok {
		return "", fmt.Errorf("canonical form: %T", quads)
	}
	return form, nil
}
