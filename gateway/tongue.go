package gateway

import (
	"net/http"
	"strings"

	"golang.org/x/text/language"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/prose"
)

// tongue is the language in which the caller is answered.
type tongue string

const (
	french  tongue = "fr" // when nothing else is asked for
	english tongue = "en"
)

// The first is the default. The matcher is immutable.
var tongues = language.NewMatcher([]language.Tag{language.French, language.English})

func speaks(r *http.Request) tongue {
	_, i := language.MatchStrings(tongues, r.Header.Get("Accept-Language"))
	if i == 1 {
		return english
	}
	return french
}

func (t tongue) choose(en, fr string) string {
	if t == english {
		return en
	}
	return fr
}

// is reports whether a BCP 47 tag names this language.
func (t tongue) is(locale string) bool {
	base, _, _ := strings.Cut(locale, "-")
	return strings.EqualFold(base, string(t))
}

// say is choose for a phrase of ours, with the spaces that French has where no line is broken.
func (t tongue) say(en, fr string) string { return t.choose(en, prose.French.Replace(fr)) }

// time is an instant in words, in a zone.
func (t tongue) time(at *timestamppb.Timestamp, zone string) string {
	if t == english {
		return prose.EnglishTime(at.AsTime(), zone)
	}
	return prose.FrenchTime(at.AsTime(), zone)
}
