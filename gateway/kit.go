package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// kitPath is a meeting's kit as a file: the whole one, or the prescriber's.
var kitPath = regexp.MustCompile(`^/v1/meetings/([^/]+)/(kit|prescriberKit)\.(pdf|zip)$`)

// kits serves what is printed for a meeting, to those whom the service lets have it: bytes in JSON would have to be unpacked before they are printed.
type kits struct {
	service meetingsv1.KitServiceClient
	log     *slog.Logger
	timeout time.Duration
}

// ServeHTTP is part of http.Handler.
func (k *kits) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found := kitPath.FindStringSubmatch(r.URL.Path)
	exchangeFrom(r.Context()).name = "/v1/meetings/{id}/" + found[2] + "." + found[3]
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, r, errMethod)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), k.timeout)
	defer cancel()
	for _, key := range forwarded {
		if value := r.Header.Get(key); value != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, key, value)
		}
	}
	w.Header().Add("Vary", "Authorization")
	doc, err := k.get(ctx, found[1], found[2], found[3])
	if err != nil {
		serviceProblem(ctx, k.log, err, speaks(r)).write(w, r)
		return
	}
	d := newDocument(doc.GetMediaType(), doc.GetContent())
	d.age = "private, no-cache"
	w.Header().Set("Content-Disposition", "attachment; filename="+strconv.Quote(doc.GetFileName()))
	w.Header().Set("X-Robots-Tag", "noindex")
	d.ServeHTTP(w, r)
}

func (k *kits) get(ctx context.Context, meeting, which, ending string) (*meetingsv1.KitDocument, error) {
	format := meetingsv1.KitFormat_KIT_FORMAT_PDF
	if ending == "zip" {
		format = meetingsv1.KitFormat_KIT_FORMAT_ZIP
	}
	if which == "kit" {
		return k.service.GetKit(ctx, &meetingsv1.GetKitRequest{MeetingId: meeting, Format: format})
	}
	return k.service.GetPrescriberKit(ctx, &meetingsv1.GetPrescriberKitRequest{MeetingId: meeting, Format: format})
}
