package gateway

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer gives an http.Server that no slow or greedy client can hold.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second, // 1 MiB at 70 kB/s
		WriteTimeout:      30 * time.Second, // the longest request, and 8 MiB at 400 kB/s
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
