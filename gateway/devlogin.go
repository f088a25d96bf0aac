package gateway

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/classcode/maillage/pkg/errs"
)

// personas are who a developer can be; a persona only chooses seeded roles.
var personas = []string{"national", "coordinator", "relay", "organiser", "learner", "professional"}

const (
	maxSubject = 200            // bytes: enough for a name of a test with its number
	maxTTL     = 24 * time.Hour // a working day, and no reason to keep a development token longer
)

// token answers GET /dev/token?persona=learner&subject=anne&ttl=1h.
func (i *DevIssuer) token(w http.ResponseWriter, r *http.Request) {
	persona, subject, ttl, e := login(r.URL.RawQuery)
	if e != nil {
		refuse(w, r, e)
		return
	}
	token, err := i.Token(persona, subject, ttl)
	if err != nil {
		refuse(w, r, errs.ErrInternal.Because(err))
		return
	}
	writeJSON(w, map[string]any{"accessToken": token, "tokenType": "Bearer", "expiresIn": int(ttl.Seconds())})
}

func (i *DevIssuer) jwks(w http.ResponseWriter, _ *http.Request) { writeJSON(w, i.keys()) }

func login(query string) (persona, subject string, ttl time.Duration, e *errs.Error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return "", "", 0, errMalformedQuery
	}
	for key, values := range q {
		if !slices.Contains([]string{"persona", "subject", "ttl"}, key) {
			return "", "", 0, errUnknownParameter.At(key)
		}
		if len(values) > 1 {
			return "", "", 0, errDuplicateField.At(key)
		}
	}
	persona, subject, ttl = q.Get("persona"), q.Get("subject"), time.Hour
	switch {
	case !slices.Contains(personas, persona):
		return "", "", 0, errPersona.At("persona")
	case !goodSubject(subject):
		return "", "", 0, errSubject.At("subject")
	case q.Has("ttl"):
		if ttl, err = time.ParseDuration(q.Get("ttl")); err != nil || ttl < time.Second || ttl > maxTTL {
			return "", "", 0, errTTL.At("ttl")
		}
	}
	return persona, subject, ttl, nil
}

func goodSubject(s string) bool {
	return s != "" && len(s) <= maxSubject && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // plain values: only a caller who has left makes this fail
}

var (
	errPersona = errs.New(errs.Invalid, "PERSONA_UNKNOWN",
		"The persona is one of: "+strings.Join(personas, ", ")+".",
		"Le persona est l'un de : "+strings.Join(personas, ", ")+".")
	errSubject = errs.New(errs.Invalid, "SUBJECT_INVALID",
		"The subject has 1 to 200 bytes of text.",
		"Le sujet compte de 1 à 200 octets de texte.")
	errTTL = errs.New(errs.Invalid, "TTL_INVALID",
		"The duration goes from 1s to 24h, such as 30m.",
		"La durée va de 1s à 24h, par exemple 30m.")
)
