package gateway

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/status"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	identityPath     = "/.well-known/did.json"
	termsPath        = "/v1/credentials/context"
	statusListPrefix = "/v1/credentials/status/"
)

// credentials serves the documents by which others verify attestations, as whoever signed wrote them: their media types are not the
// API's, and a signed text is not written anew.
type credentials struct {
	attestations meetingsv1.AttestationServiceClient
	timeout      time.Duration
}

// attestationDocuments are the handlers by the beginnings of their paths.
func attestationDocuments(cfg Config, deps Deps) map[string]http.Handler {
	c := &credentials{meetingsv1.NewAttestationServiceClient(conn{deps.Meetings}), cfg.Timeout}
	return map[string]http.Handler{
		identityPath: c.serve(identityPath, func(ctx context.Context, _ string) (*meetingsv1.CredentialDocument, error) {
			return c.attestations.GetIssuer(ctx, &meetingsv1.GetIssuerRequest{})
		}),
		termsPath: c.serve(termsPath, func(ctx context.Context, _ string) (*meetingsv1.CredentialDocument, error) {
			return c.attestations.GetTerms(ctx, &meetingsv1.GetTermsRequest{})
		}),
		statusListPrefix: c.serve(statusListPrefix, func(ctx context.Context, list string) (*meetingsv1.CredentialDocument, error) {
			n, err := strconv.ParseInt(list, 10, 32)
			if err != nil {
				return nil, err
			}
			return c.attestations.GetStatusList(ctx, &meetingsv1.GetStatusListRequest{List: int32(n)})
		}),
	}
}

func (c *credentials) serve(path string, get func(ctx context.Context, rest string) (*meetingsv1.CredentialDocument, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeFrom(r.Context()).name = path
		rest := strings.TrimPrefix(r.URL.Path, path)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			refuse(w, r, errMethod)
			return
		}
		if (path == statusListPrefix) != listNumber(rest) || path != statusListPrefix && rest != "" {
			refuse(w, r, errRoute)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), c.timeout)
		defer cancel()
		doc, err := get(ctx, rest)
		if err != nil {
			p, _ := fromStatus(status.Convert(err), speaks(r))
			p.write(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", "*") // a wallet in a browser may verify as well: nothing here is secret
		newDocument(doc.GetMediaType(), []byte(doc.GetContent())).ServeHTTP(w, r)
	})
}

// listNumber reports whether the path ends with a list as credentials write it.
func listNumber(rest string) bool {
	n, err := strconv.ParseInt(rest, 10, 32)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == rest
}
