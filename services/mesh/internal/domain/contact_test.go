package domain_test

import (
	"strings"
	"testing"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func TestTold(t *testing.T) {
	known := domain.Contact{PersonID: "p", Name: "Anne", Email: "anne@example.org", Language: "fr", Version: 3}
	edited := known
	edited.Edited = true
	for name, c := range map[string]struct {
		known                 domain.Contact
		name, email, language string
		wantName, wantEmail   string
		wantLanguage          string
	}{
		"nothing":                   {known, "", "", "", "Anne", "anne@example.org", "fr"},
		"another name and language": {known, "Ana", "", "en-GB", "Ana", "anne@example.org", "en"},
		"a language of others":      {known, "", "", "de", "Anne", "anne@example.org", "fr"},
		"underscore":                {known, "", "", "en_US", "Anne", "anne@example.org", "en"},
		"the person has edited":     {edited, "Ana", "ana@example.org", "en", "Anne", "anne@example.org", "fr"},
		"a header":                  {known, "Ana\r\nBcc: x@example.org", "x\r\n@example.org", "", "Ana Bcc: x@example.org", "anne@example.org", "fr"},
		"turned":                    {known, "\u202eenna\u202c", "", "", "enna", "anne@example.org", "fr"},
		"too long":                  {known, strings.Repeat("é", 300), "", "", strings.Repeat("é", 200), "anne@example.org", "fr"},
		"only spaces":               {known, " \t ", " ", "", "Anne", "anne@example.org", "fr"},
		"not an address":            {known, "", "Anne <anne@example.com>", "", "Anne", "anne@example.org", "fr"},
		"accents":                   {known, "", "anné@example.org", "", "Anne", "anne@example.org", "fr"},
	} {
		got := c.known.Told(c.name, c.email, c.language)
		if got.Name != c.wantName || got.Email != c.wantEmail || got.Language != c.wantLanguage || got.Version != 3 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
