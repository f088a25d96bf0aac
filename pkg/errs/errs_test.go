package errs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func TestCopies(t *testing.T) {
	base := New(Precondition, "MEETING_CLOSED", "The meeting is closed.", "La réunion est close.")
	full := base.At("meeting.id").With("state", "CLOSED").Retry(time.Second).Because(io.EOF)

	if base.Fields != nil || base.Meta != nil || base.RetryAfter != 0 || base.cause != nil {
		t.Fatalf("the sentinel changed: %+v", base)
	}
	if !errors.Is(full, base) || !errors.Is(full, io.EOF) {
		t.Fatal("a copy must be its sentinel and its cause")
	}
	if f := full.Fields[0]; f != (Field{"meeting.id", base.EN, base.FR, base.Reason}) {
		t.Fatalf("field %+v", f)
	}
	if full.Meta["state"] != "CLOSED" || full.RetryAfter != time.Second {
		t.Fatalf("lost a part: %+v", full)
	}

	one, two := full.At("a"), full.At("b")
	if one.Fields[1].Path != "a" || two.Fields[1].Path != "b" {
		t.Fatal("two copies share their fields")
	}
	_ = one.With("k", "v")
	if _, ok := full.Meta["k"]; ok {
		t.Fatal("two copies share their metadata")
	}
}

func TestIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		target error
		want   bool
	}{
		{"itself", ErrDenied, ErrDenied, true},
		{"wrapped", fmt.Errorf("load: %w", ErrStaleEtag), ErrStaleEtag, true},
		{"other reason", ErrDenied, ErrInternal, false},
		{"same kind, other reason", ErrPageSize, ErrPageToken, false},
		{"noun", Missing("room", "salle"), ErrNotFound, true},
		{"exists", Exists("room", "salle"), ErrExists, true},
		{"foreign", io.EOF, ErrNotFound, false},
		{"nil target", ErrDenied, (*Error)(nil), false},
	} {
		if got := errors.Is(c.err, c.target); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestFrom(t *testing.T) {
	if From(nil) != nil {
		t.Fatal("nil became an error")
	}
	for _, c := range []struct {
		name string
		err  error
		kind Kind
	}{
		{"ours", ErrDenied, Denied},
		{"wrapped", fmt.Errorf("a: %w", fmt.Errorf("b: %w", ErrDenied)), Denied},
		{"joined", errors.Join(io.EOF, ErrExhausted), Exhausted},
		{"ours wins over its cause", ErrUnavailable.Because(context.Canceled), Unavailable},
		{"canceled", fmt.Errorf("read: %w", context.Canceled), Canceled},
		{"deadline", fmt.Errorf("read: %w", context.DeadlineExceeded), DeadlineExceeded},
		{"foreign", io.EOF, Internal},
		{"nil pointer", error((*Error)(nil)), Internal},
	} {
		got := From(c.err)
		if got.Kind != c.kind {
			t.Errorf("%s: %v", c.name, got.Kind)
		}
	}
	if got := From(io.EOF); !errors.Is(got, io.EOF) || strings.Contains(got.EN, "EOF") {
		t.Errorf("the cause is for the log only: %+v", got)
	}
}

func TestTexts(t *testing.T) {
	if e := Missing("école", "école"); e.FR != "École introuvable." || e.EN != "École not found." {
		t.Errorf("%q %q", e.EN, e.FR)
	}
	if e := Missing("", ""); e.FR != " introuvable." {
		t.Errorf("%q", e.FR)
	}
	want := "FIELD_REQUIRED: This field is required. [name]: EOF"
	if got := ErrRequired.At("name").Because(io.EOF).Error(); got != want {
		t.Errorf("%q", got)
	}
	if Stale.String() != "Stale" || Canceled.String() != "Canceled" || Kind(99).String() != "Kind(99)" {
		t.Error("kind names moved")
	}
}
