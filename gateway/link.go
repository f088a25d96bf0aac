package gateway

import (
	"bytes"
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/link"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	// linkPath is followed by the signed part of a mail's link.
	linkPath = "/l/"
	// linkBody has room for a reason of 500 characters, each written as %xx%xx%xx%xx, and for the answers to 20 dates.
	linkBody = 16 << 10
	// linkLength is the contract's.
	linkLength = 1024
)

var (
	linkTemplate = template.Must(template.ParseFS(pageFiles, "pages/link.html"))
	// What is not written like a token is refused here: a path may hold what no message of the contract can.
	linkToken = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// mailLink is the page behind the links of mails. Looking at it says what would be done, and does nothing: programs that check mails
// for viruses open every link. Who presses its button does it. Only the services can tell whether a link is genuine.
type mailLink struct {
	meetings  meetingsv1.MeetingsServiceClient
	searches  meetingsv1.ProfessionalSearchServiceClient
	swaps     meetingsv1.SwapServiceClient
	polls     meetingsv1.PollServiceClient
	feedback  meetingsv1.FeedbackServiceClient
	forming   meshv1.FormingServiceClient
	mesh      meshv1.MeshServiceClient
	catalogue cataloguev1.CatalogueServiceClient
	web       webFiles
	log       *slog.Logger
	timeout   time.Duration
}

func newMailLink(cfg Config, deps Deps, web webFiles) *mailLink {
	meetings, mesh := conn{deps.Meetings}, conn{deps.Mesh}
	return &mailLink{
		meetings: meetingsv1.NewMeetingsServiceClient(meetings), searches: meetingsv1.NewProfessionalSearchServiceClient(meetings),
		swaps: meetingsv1.NewSwapServiceClient(meetings), polls: meetingsv1.NewPollServiceClient(meetings),
		feedback: meetingsv1.NewFeedbackServiceClient(meetings),
		forming:  meshv1.NewFormingServiceClient(mesh), mesh: meshv1.NewMeshServiceClient(mesh),
		catalogue: cataloguev1.NewCatalogueServiceClient(conn{deps.Catalogue}), web: web, log: deps.Log, timeout: cfg.Timeout,
	}
}

// ServeHTTP is part of http.Handler.
func (l *mailLink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchangeFrom(r.Context()).name = linkPath // never the token
	ctx, cancel := context.WithTimeout(r.Context(), l.timeout)
	defer cancel()
	token, lang := strings.TrimPrefix(r.URL.Path, linkPath), speaks(r)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, r, errMethod)
	case len(token) > linkLength || !linkToken.MatchString(token):
		p := fromError(link.ErrInvalid, lang)
		l.show(w, p.Code, lang, refusedLink(lang, token, p))
	case r.Method == http.MethodPost:
		body, e := readBody(w, r, linkBody)
		if e != nil {
			refuse(w, r, e)
			return
		}
		form, _ := url.ParseQuery(string(body)) // what cannot be read was not said
		code, v := l.follow(ctx, token, form, lang)
		l.show(w, code, lang, v)
	default:
		v, err := l.look(ctx, token, lang, false)
		if err != nil {
			p := l.problem(ctx, err, lang)
			l.show(w, p.Code, lang, refusedLink(lang, token, p))
			return
		}
		l.show(w, http.StatusOK, lang, v)
	}
}

// look says what a link would do, or after it was followed, what holds now.
func (l *mailLink) look(ctx context.Context, token string, lang tongue, followed bool) (linkView, error) {
	switch link.ActionOf(token) {
	case "acceptInvitation", "declineInvitation", "joinGroup":
		p, err := l.forming.PreviewGroupLink(ctx, &meshv1.PreviewGroupLinkRequest{Token: token})
		if err != nil {
			return linkView{}, err
		}
		return l.viewGroup(ctx, p, lang), nil
	}
	p, err := l.meetings.PreviewLink(ctx, &meetingsv1.PreviewLinkRequest{Token: token})
	if err != nil {
		return linkView{}, err
	}
	return l.viewMeeting(ctx, p, lang, followed), nil
}

// follow does what a link stands for, and says what holds now, or why it was refused.
func (l *mailLink) follow(ctx context.Context, token string, form url.Values, lang tongue) (int, linkView) {
	err := l.do(ctx, token, form)
	if err == nil {
		v, err := l.look(ctx, token, lang, true)
		if err != nil { // it was done all the same
			return http.StatusOK, linkView{Heading: lang.say("Done", "C'est fait")}
		}
		return http.StatusOK, v
	}
	p := l.problem(ctx, err, lang)
	v, err := l.look(ctx, token, lang, false)
	switch {
	case err != nil:
		return p.Code, refusedLink(lang, token, p)
	case p.Code == http.StatusBadRequest && v.Form != nil: // nothing chosen, or a reason that is too long
		v.Warning = said(p)
		if v.Form.Unanswered != "" {
			v.Warning = v.Form.Unanswered
		}
		return p.Code, v
	case v.over: // the preview knows more of why
		return p.Code, v
	}
	refused := refusedLink(lang, token, p)
	refused.Parts = v.Parts
	return p.Code, refused
}

func (l *mailLink) do(ctx context.Context, token string, form url.Values) (err error) {
	switch link.ActionOf(token) {
	case "joinGroup": // asks for more than a link can say
	case "acceptInvitation", "declineInvitation":
		_, err = l.forming.AnswerInvitation(ctx, &meshv1.AnswerInvitationRequest{Token: token})
	case "acceptAsk":
		_, err = l.searches.AnswerAskByLink(ctx, &meetingsv1.AnswerAskByLinkRequest{
			Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_ACCEPT,
		})
	case "declineAsk":
		_, err = l.searches.AnswerAskByLink(ctx, &meetingsv1.AnswerAskByLinkRequest{
			Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_DECLINE, Reason: strings.ToValidUTF8(form.Get("reason"), "\ufffd"),
		})
	case "acceptSwap":
		_, err = l.swaps.FollowSwapLink(ctx, &meetingsv1.FollowSwapLinkRequest{Token: token})
	case "votePoll":
		err = l.vote(ctx, token, form)
	case "giveFeedback":
		_, err = l.feedback.FollowFeedbackLink(ctx, &meetingsv1.FollowFeedbackLinkRequest{
			Token: token, Satisfaction: satisfactions[form.Get("satisfaction")], Usefulness: satisfactions[form.Get("usefulness")],
			Comment: strings.ToValidUTF8(form.Get("comment"), "\ufffd"),
		})
	default:
		_, err = l.meetings.FollowRegistrationLink(ctx, &meetingsv1.FollowRegistrationLinkRequest{Token: token})
	}
	return err
}

func (l *mailLink) problem(ctx context.Context, err error, lang tongue) problem {
	return serviceProblem(ctx, l.log, err, lang)
}

func (l *mailLink) show(w http.ResponseWriter, code int, lang tongue, v linkView) {
	v.Web, v.Lang = l.web, lang
	v.show(w, code)
}

func (v linkView) show(w http.ResponseWriter, code int) {
	var page bytes.Buffer
	if err := linkTemplate.Execute(&page, v); err != nil {
		panic(err) // the template is ours, and embedded
	}
	h := w.Header()
	h.Set("Content-Security-Policy", formPolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(v.Lang))
	h.Add("Vary", "Accept-Language")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(code)
	_, _ = w.Write(page.Bytes()) // only a caller who has left makes this fail
}
