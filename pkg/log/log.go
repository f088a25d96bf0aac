// Package log makes the house's slog.Logger: text on a terminal, JSON elsewhere, with the trace of the context it is given.
package log

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/mattn/go-isatty"
)

// Format is how log lines look; the zero value is Auto.
type Format string

// The formats; Auto is Text on a terminal and JSON elsewhere.
const (
	Auto Format = "auto"
	Text Format = "text"
	JSON Format = "json"
)

// UnmarshalText reads a flag or a variable.
func (f *Format) UnmarshalText(text []byte) error {
	switch v := Format(text); v {
	case "", Auto, Text, JSON:
		*f = v
		return nil
	}
	return fmt.Errorf("want auto, text or json but got %q", text)
}

// New makes a logger; lines written with a context that carries a span have its trace_id and span_id.
func New(w io.Writer, level slog.Leveler, format Format) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: utc}
	var h slog.Handler = slog.NewJSONHandler(w, options)
	if format == Text || format != JSON && terminal(w) {
		h = slog.NewTextHandler(w, options)
	}
	return slog.New(traced{root: h, current: h})
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// utc keeps the lines of machines in several zones in order.
func utc(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}
