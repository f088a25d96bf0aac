package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestProcessorTime(t *testing.T) {
	for _, c := range []struct {
		stat string
		want time.Duration
	}{
		{"7 (mesh) S 1 7 7 0 -1 4194560 900 0 3 0 120 34 0 0 20 0 11 0 5 1 2 3", 1540 * time.Millisecond},
		{"7 (a name) 9 9 (of) S 1 7 7 0 -1 4194560 900 0 3 0 1 2 0 0 20 0 11 0 5 1 2 3", 30 * time.Millisecond},
		{"7 (cut) S 1 7", 0},
		{"", 0},
	} {
		if got := processorTime([]byte(c.stat)); got != c.want {
			t.Errorf("%q: %v, want %v", c.stat, got, c.want)
		}
	}
	self := &process{command: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}
	for began := time.Now(); self.busy() < 2*jiffy; {
		if time.Since(began) > 10*time.Second {
			t.Fatal("ten seconds of work are no processor time")
		}
	}
}

func TestResident(t *testing.T) {
	if megabytes, err := resident(os.Getpid()); err != nil || megabytes < 1 || megabytes > 100_000 {
		t.Errorf("this process takes %v MB, %v", megabytes, err)
	}
}

func TestProcessThatEndsByItselfIsAFailure(t *testing.T) {
	b := &bench{folder: t.TempDir()}
	p, err := b.launch("/bin/sh", nil, "-c", "echo told; exit 3")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.ready(t.Context(), "http://127.0.0.1:1/readyz"); err == nil {
		t.Error("a program that ended is ready")
	}
	if err := b.stop(p); err == nil || !strings.Contains(err.Error(), "told") {
		t.Errorf("stop says %v, not what the program said", err)
	}
	if len(b.processes) != 0 {
		t.Error("a program that ended is still counted")
	}
}

// A record of PocketBase must have every field of a place, or it would be quicker for what it leaves out.
func TestRecordHasThePlacesFields(t *testing.T) {
	place := placeJSON{ID: "a", Name: "b", CreateTime: time.Date(2026, 11, 22, 1, 2, 3, 4_567_890, time.UTC)}
	place.Position.Latitude, place.Position.Longitude = 45.5, 5.5
	want, got := fields(t, place), fields(t, newRecord(place))
	if a, b := keys(want), keys(got); !slices.Equal(a, b) {
		t.Fatalf("a record has %v, a place %v", b, a)
	}
	for name, value := range map[string]any{
		"id": "a", "name": "b", "createTime": "2026-11-22 01:02:03.004Z", "position": map[string]any{"lat": 45.5, "lon": 5.5},
	} {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
}

func fields(t *testing.T, v any) (all map[string]any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func keys(m map[string]any) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func TestUnreadCodec(t *testing.T) {
	var size int
	data, err := unread{}.Marshal([]byte("abc"))
	if err != nil {
		t.Fatal(err)
	}
	if err := (unread{}).Unmarshal(data, &size); err != nil || size != 3 {
		t.Errorf("%d bytes, %v", size, err)
	}
	if _, err := (unread{}).Marshal("abc"); err == nil {
		t.Error("a text was sent")
	}
}
