package log

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"go.opentelemetry.io/otel/trace"
)

func span() context.Context {
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2},
	}))
}

const traceID, spanID = "01000000000000000000000000000000", "0200000000000000"

func line(t *testing.T, b *bytes.Buffer) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(b.Bytes(), &m); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	b.Reset()
	return m
}

func TestTrace(t *testing.T) {
	var b bytes.Buffer
	base := New(&b, slog.LevelInfo, Auto)
	for _, c := range []struct {
		name   string
		logger *slog.Logger
		path   []string // where the attribute "k" ends
	}{
		{"plain", base, nil},
		{"with", base.With("service", "mesh"), nil},
		{"group", base.WithGroup("g"), []string{"g"}},
		{"with in groups", base.With("service", "mesh").WithGroup("g").With("in", 1).WithGroup("h"), []string{"g", "h"}},
		{"empty group", base.WithGroup(""), nil},
	} {
		c.logger.InfoContext(span(), "hello", "k", "v")
		m := line(t, &b)
		if m["trace_id"] != traceID || m["span_id"] != spanID || m["msg"] != "hello" {
			t.Errorf("%s: %v", c.name, m)
		}
		for _, g := range c.path {
			m, _ = m[g].(map[string]any)
		}
		if m["k"] != "v" {
			t.Errorf("%s: attribute lost: %v", c.name, m)
		}
		c.logger.InfoContext(t.Context(), "hello")
		if m := line(t, &b); m["trace_id"] != nil {
			t.Errorf("%s: a trace from nowhere: %v", c.name, m)
		}
	}
}

func TestSiblings(t *testing.T) {
	var b bytes.Buffer
	parent := New(&b, slog.LevelInfo, JSON).WithGroup("g").With("a", 1)
	one, two := parent.With("one", 1), parent.With("two", 2)
	one.InfoContext(span(), "x")
	if g := line(t, &b)["g"].(map[string]any); g["one"] == nil || g["two"] != nil {
		t.Errorf("one: %v", g)
	}
	two.InfoContext(span(), "x")
	if g := line(t, &b)["g"].(map[string]any); g["two"] == nil || g["one"] != nil {
		t.Errorf("two: %v", g)
	}
}

func TestHandler(t *testing.T) {
	var b bytes.Buffer
	handler := New(&b, slog.LevelInfo, JSON).Handler()
	err := slogtest.TestHandler(handler, func() []map[string]any {
		var out []map[string]any
		for l := range strings.Lines(b.String()) {
			var m map[string]any
			if err := json.Unmarshal([]byte(l), &m); err != nil {
				t.Fatal(err)
			}
			out = append(out, m)
		}
		return out
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFormat(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	for format, first := range map[Format]string{"": "{", Auto: "{", JSON: "{", Text: "time="} {
		var b bytes.Buffer
		New(&b, slog.LevelInfo, format).Info("x", "err", errors.New("broken\nline"))
		if !strings.HasPrefix(b.String(), first) || strings.Count(b.String(), "\n") != 1 {
			t.Errorf("%q: %s", format, &b)
		}
		if err := file.Truncate(0); err != nil {
			t.Fatal(err)
		}
		_, _ = file.Seek(0, 0)
		New(file, slog.LevelInfo, format).Info("x")
		if got, _ := os.ReadFile(file.Name()); !strings.HasPrefix(string(got), first) {
			t.Errorf("file, %q: %s", format, got)
		}
	}
	var f Format
	if err := f.UnmarshalText([]byte("json")); err != nil || f != JSON {
		t.Errorf("%q, %v", f, err)
	}
	if err := f.UnmarshalText([]byte("xml")); err == nil || f != JSON {
		t.Errorf("%q, %v", f, err)
	}
}

func TestLevelAndTime(t *testing.T) {
	var b bytes.Buffer
	level := new(slog.LevelVar)
	logger := New(&b, level, JSON)
	logger.Debug("hidden")
	if b.Len() != 0 {
		t.Fatalf("logged: %s", &b)
	}
	level.Set(slog.LevelDebug)
	record := slog.NewRecord(time.Date(2026, 7, 1, 12, 0, 0, 0, time.FixedZone("Paris", 7200)), slog.LevelDebug, "x", 0)
	if err := logger.Handler().Handle(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	if m := line(t, &b); m["time"] != "2026-07-01T10:00:00Z" {
		t.Errorf("%v", m)
	}
}
