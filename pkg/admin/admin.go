// Package admin is the second port of every program: health for orchestrators, metrics for Prometheus, profiles for us.
// It asks for no credentials, so it must not be reachable from the internet.
package admin

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// Handler serves /healthz, /readyz, /metrics and /debug/pprof/.
func Handler(health *Health, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", health.serve)
	mux.Handle("GET /metrics", metrics)
	// /debug/pprof/cmdline is left out: a secret may stand on the command line.
	mux.HandleFunc("/debug/pprof/", local(pprof.Index))
	mux.HandleFunc("/debug/pprof/profile", local(pprof.Profile))
	mux.HandleFunc("/debug/pprof/symbol", local(pprof.Symbol))
	mux.HandleFunc("/debug/pprof/trace", local(pprof.Trace))
	return mux
}

// NewServer makes an http.Server with the limits of every door of ours. There is no WriteTimeout: what a handler may
// take is its own affair (an export, a profile).
func NewServer(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
}

// alive looks at nothing: a restart heals a process, not its database.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n"))
}

func (h *Health) serve(w http.ResponseWriter, r *http.Request) {
	report := h.Report(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !report.OK() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(report)
}

// local keeps profiles, which hold memory and cost time, to callers on this machine (kubectl port-forward is one), even
// when the port listens on every interface.
func local(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		if !ok || !addr.IP.IsLoopback() {
			http.Error(w, "profiles are served on the loopback interface only", http.StatusForbidden)
			return
		}
		next(w, r)
	}
}
