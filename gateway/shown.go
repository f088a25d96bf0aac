package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// shownPath is followed by the secret of what somebody shows of attestations and badges, and for files by their names.
	shownPath = "/a/"
	shownPDF  = "attestation.pdf"
)

var (
	shownSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	shownFile   = regexp.MustCompile(`^(attestation|badge)-([1-9][0-9]?)\.jwt$`)
	errShown    = errs.New(errs.NotFound, "ATTESTATION_NOT_SHOWN",
		"There is no such file here: it is not shown, or no longer.",
		"Il n'y a pas de tel fichier ici : il n'est pas montré, ou ne l'est plus.")
)

// shown is the page behind the link by which a person shows attestations and badges, to somebody who has no account: an employer, a jury. The link is
// the secret; nothing of the page is kept on its way.
type shown struct {
	shares  meetingsv1.AttestationShareServiceClient
	web     webFiles
	log     *slog.Logger
	timeout time.Duration
}

func newShown(cfg Config, deps Deps, web webFiles) *shown {
	return &shown{meetingsv1.NewAttestationShareServiceClient(conn{deps.Meetings}), web, deps.Log, cfg.Timeout}
}

// ServeHTTP is part of http.Handler.
func (s *shown) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchangeFrom(r.Context()).name = shownPath + "{secret}" // never the secret
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, r, errMethod)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
	defer cancel()
	secret, file, isFile := strings.Cut(strings.TrimPrefix(r.URL.Path, shownPath), "/")
	w.Header().Set("X-Robots-Tag", "noindex")
	lang := speaks(r)
	if !shownSecret.MatchString(secret) {
		s.show(w, http.StatusGone, notShown(lang), lang)
		return
	}
	if isFile {
		s.serveFile(ctx, w, r, secret, file)
		return
	}
	found, err := s.shares.LookupAttestationShare(ctx, &meetingsv1.LookupAttestationShareRequest{Token: secret})
	switch {
	case err == nil:
		s.show(w, http.StatusOK, viewShown(found, secret, lang), lang)
	case status.Code(err) == codes.NotFound:
		s.show(w, http.StatusGone, notShown(lang), lang)
	default:
		p := serviceProblem(ctx, s.log, err, lang)
		s.show(w, p.Code, notAnswering(lang), lang)
	}
}

func (s *shown) show(w http.ResponseWriter, code int, v linkView, lang tongue) {
	v.Web, v.Lang = s.web, lang
	v.show(w, code)
}

// serveFile gives what the page offers to take along.
func (s *shown) serveFile(ctx context.Context, w http.ResponseWriter, r *http.Request, secret, file string) {
	content, mediaType, err := s.file(ctx, secret, file)
	if err != nil {
		if status.Code(err) == codes.NotFound {
			refuse(w, r, errShown)
			return
		}
		serviceProblem(ctx, s.log, err, speaks(r)).write(w, r)
		return
	}
	if content == nil {
		refuse(w, r, errShown)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="`+file+`"`)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // a caller who has left is nobody's error
}

func (s *shown) file(ctx context.Context, secret, file string) (content []byte, mediaType string, err error) {
	if file == shownPDF {
		found, err := s.shares.RenderAttestationShare(ctx, &meetingsv1.RenderAttestationShareRequest{Token: secret})
		return found.GetContent(), "application/pdf", err
	}
	n := shownFile.FindStringSubmatch(file)
	if n == nil {
		return nil, "", nil
	}
	found, err := s.shares.LookupAttestationShare(ctx, &meetingsv1.LookupAttestationShareRequest{Token: secret})
	if err != nil {
		return nil, "", err
	}
	var credentials []string
	for _, a := range found.GetAttestations() {
		credentials = append(credentials, a.GetCredential())
	}
	if n[1] == "badge" {
		credentials = nil
		for _, b := range found.GetBadges() {
			credentials = append(credentials, b.GetCredential())
		}
	}
	i, _ := strconv.Atoi(n[2]) // two digits
	if i > len(credentials) || credentials[i-1] == "" {
		return nil, "", nil
	}
	return []byte(credentials[i-1]), "application/vc+jwt", nil
}
