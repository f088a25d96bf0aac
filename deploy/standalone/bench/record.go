package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

// module is a record as a store gives it.
type module struct {
	id, title, summary, language, licence, uri string
	position, meetings                         int
	levels                                     []int
	steps                                      []step
	version                                    int64
	created                                    time.Time
}

type step struct {
	id, title      string
	level, minutes int
}

// modulePage and what it holds is the contract's JSON.
type modulePage struct {
	Modules       []moduleJSON `json:"modules"`
	NextPageToken string       `json:"nextPageToken"`
}

type moduleJSON struct {
	ID           string     `json:"id"`
	Position     int        `json:"position"`
	Title        string     `json:"title"`
	Summary      string     `json:"summary"`
	LanguageCode string     `json:"languageCode"`
	Levels       []string   `json:"levels"`
	Steps        []stepJSON `json:"steps"`
	MeetingCount int        `json:"meetingCount"`
	Licence      string     `json:"licence"`
	URI          string     `json:"uri"`
	Etag         string     `json:"etag"`
	CreateTime   time.Time  `json:"createTime"`
	Version      int64      `json:"version,string"`
}

type stepJSON struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Level   string `json:"level"`
	Minutes int    `json:"minutes"`
}

// modules are as long as Class'Code's own: four steps, two sentences.
func modules(n int) []module {
	all := make([]module, n)
	for i := range all {
		all[i] = module{
			id: fmt.Sprintf("5a1e0000-0000-4000-8000-%012d", i+1), position: i + 1, title: "Découvrir la programmation créative",
			summary:  "Penser un programme, l'écrire par blocs et le partager. Faire créer plutôt que consommer.",
			language: "fr", licence: "CC-BY-4.0", uri: "https://classcode.fr/", meetings: 2, levels: []int{1, 2}, version: 1,
			created: time.Date(2026, 9, 1, 8, 0, i, 0, time.UTC),
		}
		for w := range 4 {
			all[i].steps = append(all[i].steps, step{fmt.Sprintf("week-%d", w+1), "Premiers pas : instructions, séquences et boucles", 1 + w%2, 150})
		}
	}
	return all
}

func (m module) message() *cataloguev1.Module {
	out := &cataloguev1.Module{
		Id: m.id, Position: int32(m.position), Title: m.title, Summary: m.summary, LanguageCode: m.language,
		MeetingCount: int32(m.meetings), Licence: m.licence, Uri: m.uri, Version: m.version, Etag: etag.Of(m.version),
		CreateTime: timestamppb.New(m.created),
	}
	for _, l := range m.levels {
		out.Levels = append(out.Levels, cataloguev1.Level(l))
	}
	for _, s := range m.steps {
		out.Steps = append(out.Steps, &cataloguev1.Step{Id: s.id, Title: s.title, Level: cataloguev1.Level(s.level), Minutes: int32(s.minutes)})
	}
	return out
}

func (m module) json() moduleJSON {
	out := moduleJSON{
		ID: m.id, Position: m.position, Title: m.title, Summary: m.summary, LanguageCode: m.language, MeetingCount: m.meetings,
		Licence: m.licence, URI: m.uri, Version: m.version, Etag: etag.Of(m.version), CreateTime: m.created,
	}
	for _, l := range m.levels {
		out.Levels = append(out.Levels, cataloguev1.Level(l).String())
	}
	for _, s := range m.steps {
		out.Steps = append(out.Steps, stepJSON{s.id, s.title, cataloguev1.Level(s.level).String(), s.minutes})
	}
	return out
}

// nobody is whom the guard asks when nobody is signed in.
type nobody struct{}

// Resolve implements access.Directory.
func (nobody) Resolve(context.Context, access.Identity) (access.Person, error) {
	return access.Person{}, errs.ErrNotFound
}

// Ancestors implements access.Territories.
func (nobody) Ancestors(context.Context, string) ([]string, error) { return nil, errs.ErrNotFound }

func (nobody) resource(context.Context, string) (access.Resource, error) {
	return access.Resource{}, errs.ErrNotFound
}
