package rpc

import (
	"context"

	"golang.org/x/text/language"
	"google.golang.org/grpc/metadata"
)

const (
	french  = "fr"
	english = "en"
	// Browsers send about 60 characters; a longer list is not worth parsing.
	maxAcceptLanguage = 256
)

var matcher = language.NewMatcher([]language.Tag{language.French, language.English})

// languageOf is the caller's language among the two we write, French by default.
func languageOf(ctx context.Context) string {
	return languageIn(metadata.ValueFromIncomingContext(ctx, "accept-language"))
}

func languageIn(values []string) string {
	if len(values) == 0 || len(values[0]) > maxAcceptLanguage {
		return french
	}
	tags, _, err := language.ParseAcceptLanguage(values[0])
	if err != nil {
		return french
	}
	if _, index, confidence := matcher.Match(tags...); index == 1 && confidence != language.No {
		return english
	}
	return french
}

func inLanguage(lang, en, fr string) string {
	if lang == english {
		return en
	}
	return fr
}
