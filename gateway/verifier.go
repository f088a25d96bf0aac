package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/prose"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	verifierPath = "/verifier"
	// verifierBody has room for what the contract takes, each byte written as %xx.
	verifierBody = 200 << 10
)

// verifier is the page on which anyone sees whether an attestation is genuine: pasted, or in the address as a JWT.
type verifier struct {
	meetings meetingsv1.MeetingsServiceClient
	mesh     meshv1.MeshServiceClient
	web      webFiles
	log      *slog.Logger
	timeout  time.Duration
}

func newVerifier(cfg Config, deps Deps, web webFiles) *verifier {
	return &verifier{
		meetings: meetingsv1.NewMeetingsServiceClient(conn{deps.Meetings}), mesh: meshv1.NewMeshServiceClient(conn{deps.Mesh}),
		web: web, log: deps.Log, timeout: cfg.Timeout,
	}
}

// ServeHTTP is part of http.Handler.
func (f *verifier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchangeFrom(r.Context()).name = verifierPath // never the credential
	if r.URL.Path != verifierPath {
		refuse(w, r, errRoute)
		return
	}
	lang, pasted := speaks(r), ""
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		pasted = r.URL.Query().Get("c")
	case http.MethodPost:
		body, e := readBody(w, r, verifierBody)
		if e != nil {
			refuse(w, r, e)
			return
		}
		form, _ := url.ParseQuery(string(body)) // what cannot be read was not pasted
		pasted = form.Get("c")
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, r, errMethod)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), f.timeout)
	defer cancel()
	code, v := f.look(ctx, strings.TrimSpace(strings.ToValidUTF8(pasted, "\ufffd")), lang)
	v.Web, v.Lang = f.web, lang
	v.show(w, code)
}

func (f *verifier) look(ctx context.Context, credential string, lang tongue) (int, linkView) {
	if credential == "" {
		return http.StatusOK, linkView{
			Heading: lang.say("Verify an attestation", "Vérifier une attestation"),
			Texts: []string{lang.say("Paste the attestation that you were given: all of its text, or all of its file.",
				"Collez l'attestation qu'on vous a remise : tout son texte, ou tout le contenu de son fichier.")},
			Form: pasteForm(lang),
		}
	}
	verdict, err := f.meetings.VerifyAttestation(ctx, &meetingsv1.VerifyAttestationRequest{Credential: credential})
	if err != nil {
		p := serviceProblem(ctx, f.log, err, lang)
		if p.Code == http.StatusBadRequest { // longer than any attestation
			return p.Code, wrongAttestation(meetingsv1.InvalidReason_INVALID_REASON_MALFORMED, lang)
		}
		return p.Code, notAnswering(lang)
	}
	if verdict.GetBadge() != nil {
		return http.StatusOK, viewBadge(verdict, lang)
	}
	var v linkView
	switch {
	case verdict.GetValid():
		v = linkView{Heading: lang.say("This attestation is genuine", "Cette attestation est authentique")}
	case verdict.GetClaims() != nil:
		v = wrongAttestation(verdict.GetReason(), lang)
	default:
		return http.StatusOK, wrongAttestation(verdict.GetReason(), lang)
	}
	v.Parts = []linkPart{{Facts: f.facts(ctx, verdict, lang)}}
	v.Next = append(v.Next, lang.say("It names nobody: this page cannot tell whether it is that of the person who shows it to you.",
		"Elle ne nomme personne : cette page ne peut pas dire si c'est bien celle de la personne qui vous la présente."))
	return http.StatusOK, v
}

func pasteForm(lang tongue) *linkForm {
	return &linkForm{Paste: lang.say("The attestation", "L'attestation"), Button: lang.say("Verify", "Vérifier")}
}

// facts are what a genuine attestation says.
func (f *verifier) facts(ctx context.Context, v *meetingsv1.VerifyAttestationResponse, lang tongue) []linkFact {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	const zone = "Europe/Paris" // a credential does not say the meeting's own; the page says which it is
	c := v.GetClaims()
	var facts []linkFact
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, linkFact{label, value})
		}
	}
	if v.GetRevokeTime() != nil {
		add(lang.say("Revoked", "Révoquée"), lang.time(v.GetRevokeTime(), zone))
		add(lang.say("Why", "Motif"), v.GetRevokeReason())
	}
	add(lang.say("Part", "Rôle"), lang.of(partPhrases[c.GetRole()]))
	add(lang.say("Meeting", "Temps de rencontre"), c.GetMeetingTitle())
	add(lang.say("Module", "Module"), moduleOf(c))
	add(lang.say("When", "Quand"), lang.time(c.GetMeetingTime(), zone))
	if attended := c.GetAttendedDuration(); attended != nil {
		add(lang.say("Attended", "Durée attestée"), prose.Length(attended.AsDuration()))
	}
	add(lang.say("Competences (CRCN)", "Compétences (CRCN)"), competences(c.GetCompetences()))
	if c.GetCommuneCode() != "" {
		if commune, err := f.mesh.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: c.GetCommuneCode()}); err == nil {
			add(lang.say("Town", "Commune"), commune.GetName())
		}
	}
	add(lang.say("Issued", "Délivrée"), lang.time(c.GetIssueTime(), zone))
	add(lang.say("By", "Par"), c.GetIssuer())
	add(lang.say("Countersigned", "Contresignée"), lang.of(countersignerPhrases[c.GetCountersigner()]))
	return facts
}

// moduleOf is a module with its version.
func moduleOf(c interface {
	GetModuleTitle() string
	GetModuleVersion() int64
}) string {
	if c.GetModuleVersion() == 0 || c.GetModuleTitle() == "" {
		return c.GetModuleTitle()
	}
	return c.GetModuleTitle() + " (version " + strconv.FormatInt(c.GetModuleVersion(), 10) + ")"
}

func competences(all []*meetingsv1.Competence) string {
	named := make([]string, len(all))
	for i, c := range all {
		named[i] = c.GetNumber() + " " + c.GetTitle()
	}
	return strings.Join(named, " ; ")
}
