package gateway

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/metadata"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// attestationPage is the contract's largest page.
	attestationPage = 500
	// attestationPatience is how long a reader may take for a page of a file, whose whole takes as long as it takes.
	attestationPatience = 30 * time.Second
)

var attestationPath = regexp.MustCompile(`^/v1/structures/([^/]*)/attestations\.(csv|zip)$`)

// attestationFile is what holders show to a structure, as a table or with the signed attestations in an archive, for its relays. It is
// written as it is read, a page at a time.
type attestationFile struct {
	shares  meetingsv1.AttestationShareServiceClient
	log     *slog.Logger
	timeout time.Duration
}

func newAttestationFile(cfg Config, deps Deps) http.Handler {
	f := &attestationFile{meetingsv1.NewAttestationShareServiceClient(conn{deps.Meetings}), deps.Log, cfg.Timeout}
	return singleHeaders(f)
}

func isAttestationFile(path string) bool { return attestationPath.MatchString(path) }

// attestationWriter is a form of the file.
type attestationWriter interface {
	write(page []*meetingsv1.StructureAttestation) error
	// close ends a file that is whole.
	close() error
}

// ServeHTTP is part of http.Handler.
func (f *attestationFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := attestationPath.FindStringSubmatch(r.URL.Path)
	structure, form := path[1], path[2]
	exchangeFrom(r.Context()).name = "/v1/structures/{structure_id}/attestations." + form
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET")
		refuse(w, r, errMethod)
		return
	}
	if !utf8.ValidString(structure) {
		refuse(w, r, errInvalidValue.At("structureId"))
		return
	}
	ctx := r.Context()
	if token := r.Header.Get("Authorization"); token != "" {
		ctx = metadata.NewOutgoingContext(ctx, metadata.Pairs("authorization", token))
	}
	request := &meetingsv1.ListShownAttestationsRequest{StructureId: structure, PageSize: attestationPage}
	page, err := f.page(ctx, request)
	if err != nil { // nothing was written yet: it is told as any refusal is
		serviceProblem(ctx, f.log, err, speaks(r)).write(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="attestations.`+form+`"`)
	h.Set("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8", "zip": "application/zip"}[form])
	if err := f.copy(ctx, w, form, request, page); err != nil {
		f.log.WarnContext(ctx, "a file of attestations was cut off", "error", err)
		panic(http.ErrAbortHandler) // the reader must not take what there is for the whole
	}
}

func (f *attestationFile) page(ctx context.Context, in *meetingsv1.ListShownAttestationsRequest) (*meetingsv1.ListShownAttestationsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	return f.shares.ListShownAttestations(ctx, in)
}

// copy writes this page and those after it.
func (f *attestationFile) copy(
	ctx context.Context, w http.ResponseWriter, form string, request *meetingsv1.ListShownAttestationsRequest, page *meetingsv1.ListShownAttestationsResponse,
) error {
	out, err := newAttestationWriter(form, w)
	if err != nil {
		return err
	}
	clock := http.NewResponseController(w)
	for {
		_ = clock.SetWriteDeadline(time.Now().Add(attestationPatience)) // where there is no such deadline, there is none to move
		if err := out.write(page.GetAttestations()); err != nil {
			return err
		}
		if page.GetNextPageToken() == "" {
			return out.close()
		}
		request.PageToken = page.GetNextPageToken()
		if page, err = f.page(ctx, request); err != nil {
			return err
		}
	}
}

func newAttestationWriter(form string, w io.Writer) (attestationWriter, error) {
	if form == "zip" {
		return newAttestationArchive(w)
	}
	return newAttestationTable(w, false)
}
