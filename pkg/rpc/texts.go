package rpc

import (
	"fmt"
	"strconv"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
)

type text struct{ en, fr string }

// A rule written in CEL says its message in both languages, English first: "Ends before it starts. || Se termine avant
// de commencer."
const between = "||"

// What is said of a standard rule, by its id; %s is the rule's value.
var ruleTexts = map[string]text{
	"string.min_len":       {"Must have at least %s characters.", "Doit compter au moins %s caractères."},
	"string.max_len":       {"Must have at most %s characters.", "Doit compter au plus %s caractères."},
	"string.len":           {"Must have exactly %s characters.", "Doit compter exactement %s caractères."},
	"string.min_bytes":     {"Must have at least %s bytes.", "Doit compter au moins %s octets."},
	"string.max_bytes":     {"Must have at most %s bytes.", "Doit compter au plus %s octets."},
	"string.len_bytes":     {"Must have exactly %s bytes.", "Doit compter exactement %s octets."},
	"string.pattern":       {"Does not have the expected form: %s", "N'a pas la forme attendue : %s"},
	"string.prefix":        {"Must start with “%s”.", "Doit commencer par « %s »."},
	"string.suffix":        {"Must end with “%s”.", "Doit se terminer par « %s »."},
	"string.contains":      {"Must contain “%s”.", "Doit contenir « %s »."},
	"string.not_contains":  {"Must not contain “%s”.", "Ne doit pas contenir « %s »."},
	"string.email":         {"Must be an e-mail address.", "Doit être une adresse électronique."},
	"string.uuid":          {"Must be a UUID.", "Doit être un UUID."},
	"string.uri":           {"Must be a full link, such as https://….", "Doit être un lien complet, du type https://…."},
	"string.uri_ref":       {"Must be a link.", "Doit être un lien."},
	"string.hostname":      {"Must be a host name.", "Doit être un nom d'hôte."},
	"bytes.min_len":        {"Must have at least %s bytes.", "Doit compter au moins %s octets."},
	"bytes.max_len":        {"Must have at most %s bytes.", "Doit compter au plus %s octets."},
	"bytes.len":            {"Must have exactly %s bytes.", "Doit compter exactement %s octets."},
	"repeated.min_items":   {"Must have at least %s element(s).", "Doit compter au moins %s élément(s)."},
	"repeated.max_items":   {"Must have at most %s element(s).", "Doit compter au plus %s élément(s)."},
	"repeated.unique":      {"An element appears twice.", "Un élément figure deux fois."},
	"map.min_pairs":        {"Must have at least %s element(s).", "Doit compter au moins %s élément(s)."},
	"map.max_pairs":        {"Must have at most %s element(s).", "Doit compter au plus %s élément(s)."},
	"enum.defined_only":    {"Is not one of the values of the contract.", "N'est pas une des valeurs du contrat."},
	"timestamp.gt_now":     {"Must be in the future.", "Doit être dans le futur."},
	"timestamp.lt_now":     {"Must be in the past.", "Doit être dans le passé."},
	"timestamp.within":     {"Must be within %s of now.", "Doit être à moins de %s de maintenant."},
	"message.oneof":        {"Exactly one of these fields must be set.", "Un seul de ces champs doit être renseigné."},
	"any.in":               {"This type is not accepted here.", "Ce type n'est pas accepté ici."},
	"any.not_in":           {"This type is not accepted here.", "Ce type n'est pas accepté ici."},
	"field_mask.in":        {"Names a field that cannot be named here.", "Désigne un champ qui ne peut pas l'être ici."},
	"field_mask.not_in":    {"Names a field that cannot be named here.", "Désigne un champ qui ne peut pas l'être ici."},
	"string.empty":         {"Must not be empty.", "Ne doit pas être vide."},
	"float.finite":         {"Must be a finite number.", "Doit être un nombre fini."},
	"double.finite":        {"Must be a finite number.", "Doit être un nombre fini."},
	"string.tuuid":         {"Must be a UUID without dashes.", "Doit être un UUID sans tirets."},
	"string.ip":            {"Must be an IP address.", "Doit être une adresse IP."},
	"string.host_and_port": {"Must be a host and a port.", "Doit être un hôte et un port."},
}

// Rules whose id ends so are said alike for every type.
var endTexts = map[string]text{
	"const":  {"Must be %s.", "Doit valoir %s."},
	"in":     {"Is not one of the accepted values.", "N'est pas une des valeurs acceptées."},
	"not_in": {"This value is not accepted.", "Cette valeur n'est pas acceptée."},
}

var refused = text{"This value is not accepted.", "Cette valeur n'est pas acceptée."}

// Bounds come in pairs, of which the rule tells one only: its English message has both.
var inFrench = strings.NewReplacer(
	"must be greater than or equal to ", "doit être supérieur ou égal à ",
	"must be greater than ", "doit être supérieur à ",
	"must be less than or equal to ", "doit être inférieur ou égal à ",
	"must be less than ", "doit être inférieur à ",
	"greater than or equal to ", "supérieur ou égal à ",
	"greater than ", "supérieur à ",
	"less than or equal to ", "inférieur ou égal à ",
	"less than ", "inférieur à ",
	" and ", " et ", " or ", " ou ",
)

// sayRule says a violation in both languages.
func sayRule(v *protovalidate.Violation) (en, fr string) {
	id, message := strings.TrimSuffix(v.Proto.GetRuleId(), "_empty"), v.Proto.GetMessage()
	value := say(v.RuleValue, v.RuleDescriptor)
	switch {
	case id == "required":
		return errs.ErrRequired.EN, errs.ErrRequired.FR
	case (id == "string.min_len" || id == "string.min_bytes") && value == "1":
		id = "string.empty"
	}
	kind, end, _ := strings.Cut(id, ".")
	if en, fr, both := strings.Cut(message, between); both {
		return strings.TrimSpace(en), strings.TrimSpace(fr)
	}
	if t, ok := ruleTexts[id]; ok {
		return t.with(value)
	}
	if t, ok := endTexts[end]; ok && v.RuleDescriptor != nil && kind != "" {
		return t.with(value)
	}
	if strings.HasPrefix(end, "gt") || strings.HasPrefix(end, "lt") {
		return sentence(message), sentence(inFrench.Replace(message))
	}
	if message == "" {
		return refused.en, refused.fr
	}
	return sentence(message), refused.fr
}

func (t text) with(value string) (en, fr string) {
	return strings.ReplaceAll(t.en, "%s", value), strings.ReplaceAll(t.fr, "%s", value)
}

// say writes a rule's value; lists and what is unknown are left out.
func say(v protoreflect.Value, d protoreflect.FieldDescriptor) string {
	if !v.IsValid() || d == nil || d.IsList() || d.IsMap() {
		return ""
	}
	switch x := v.Interface().(type) {
	case protoreflect.Message:
		return sayMessage(x)
	case float32:
		return strconv.FormatFloat(float64(x), 'f', -1, 32)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}

func sayMessage(m protoreflect.Message) string {
	switch x := m.Interface().(type) {
	case *durationpb.Duration:
		return x.AsDuration().String()
	case *timestamppb.Timestamp:
		return x.AsTime().String()
	}
	return ""
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
