package gateway

import (
	"bytes"
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	// An edition is shown this long; one that lacks a part is made anew sooner.
	homeFresh, homeLacking = time.Minute, 5 * time.Second
	// Of a nation with 100 000 places an edition takes seconds to make: at most this share of the time goes into it.
	homeShare = 20
	// The longest that a visitor waits for a service before the page says that it is away.
	homePatience = 8 * time.Second

	// No script or style stands in the page; MapLibre has icons in data: URLs and a worker of ours.
	homePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

var homeTemplate = template.Must(template.ParseFS(pageFiles, "pages/home.html"))

// home is the first page, and the document behind its map. Both are made at once, seldom, from what everyone may see.
type home struct {
	mesh       meshv1.MeshServiceClient
	indicators indicatorsv1.IndicatorsServiceClient
	log        *slog.Logger
	web        webFiles
	dev        bool

	current atomic.Pointer[edition]
	making  sync.Mutex
	names   *gazetteer // by who holds making
}

// edition is the first page as it was at one moment.
type edition struct {
	page, points document
	until        time.Time
}

func newHome(deps Deps, web webFiles) *home {
	return &home{
		mesh:       meshv1.NewMeshServiceClient(conn{deps.Mesh}),
		indicators: indicatorsv1.NewIndicatorsServiceClient(conn{deps.Indicators}),
		log:        deps.Log, web: web, dev: deps.DevIssuer != nil,
	}
}

func (h *home) servePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", homePolicy)
	h.edition(r.Context()).page.ServeHTTP(w, r)
}

func (h *home) servePoints(w http.ResponseWriter, r *http.Request) {
	h.edition(r.Context()).points.ServeHTTP(w, r)
}

// edition gives the current one, or makes the next. Only who finds nothing to show waits for another request's.
func (h *home) edition(ctx context.Context) *edition {
	old := h.current.Load()
	switch {
	case old == nil:
		h.making.Lock()
	case time.Now().Before(old.until) || !h.making.TryLock():
		return old
	}
	defer h.making.Unlock()
	if newer := h.current.Load(); newer != old {
		return newer
	}
	next := h.makeEdition(ctx)
	h.current.Store(next)
	return next
}

// makeEdition outlives the request that asked: others will see what it makes.
func (h *home) makeEdition(ctx context.Context) *edition {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), homePatience)
	defer cancel()
	begin := time.Now()
	v := homeView{Dev: h.dev, Web: h.web}
	indicators, err := h.loadIndicators(ctx)
	h.report(ctx, "indicators", err)
	if err == nil {
		v.Indicators = viewIndicators(indicators)
	}
	a, err := h.loadAtlas(ctx)
	h.report(ctx, "mesh", err)
	points := []byte(`{"communes":[],"places":[],"groups":[]}`)
	if err == nil {
		v.Mesh, points = viewMesh(a), a.points()
	}
	keep := max(homeFresh, homeShare*time.Since(begin))
	if v.Mesh == nil || v.Indicators == nil {
		keep = homeLacking
	}
	var page bytes.Buffer
	if err := homeTemplate.Execute(&page, v); err != nil {
		panic(err) // the template is ours, and embedded
	}
	return &edition{
		page:   newDocument("text/html; charset=utf-8", page.Bytes()),
		points: newDocument("application/json", points),
		until:  time.Now().Add(keep),
	}
}

func (h *home) report(ctx context.Context, part string, err error) {
	if err != nil {
		h.log.WarnContext(ctx, "the first page lacks a part", "part", part, "error", err)
	}
}
