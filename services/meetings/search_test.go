package meetings_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// professionals is what the mesh tells of them; who is not active is not among them.
type professionals struct {
	meshv1.ProfessionalServiceClient
	active []*meshv1.FoundProfessional
	away   bool

	mu    sync.Mutex
	asked *meshv1.FindProfessionalsRequest // the last time
}

func (p *professionals) FindProfessionals(_ context.Context, in *meshv1.FindProfessionalsRequest, _ ...grpc.CallOption) (*meshv1.FindProfessionalsResponse, error) {
	if p.away {
		return nil, status.Error(codes.Unavailable, "away")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = in
	out := &meshv1.FindProfessionalsResponse{}
	for _, one := range p.active {
		if len(in.GetPersonIds()) == 0 || slices.Contains(in.GetPersonIds(), one.GetPersonId()) {
			out.Professionals = append(out.Professionals, one)
		}
	}
	return out, nil
}

// professional is one who lives so many kilometres away.
func (w *world) professional(km int32, edit ...func(*meshv1.FoundProfessional)) string {
	p := &meshv1.FoundProfessional{PersonId: uuid.NewString(), DistanceMetres: km * 1000, InReach: true, Free: meshv1.Free_FREE_YES}
	for _, e := range edit {
		e(p)
	}
	w.near.active = append(w.near.active, p)
	return p.GetPersonId()
}

// sought is a meeting for which a professional is looked for.
func (w *world) sought() *meetingsv1.Meeting {
	w.Helper()
	m := w.meeting(5)
	must[*meetingsv1.ProfessionalSearch](w)(w.StartSearch(w.as("organiser"), &meetingsv1.StartSearchRequest{MeetingId: m.GetId(), Tags: []string{"Thymio"}}))
	return m
}

func asking(m *meetingsv1.Meeting, mode meetingsv1.AskMode, people ...string) *meetingsv1.AskProfessionalsRequest {
	return &meetingsv1.AskProfessionalsRequest{
		MeetingId: m.GetId(), PersonIds: people, Mode: mode, Deadline: timestamppb.New(start.Add(time.Hour)),
	}
}

func (w *world) ask(m *meetingsv1.Meeting, mode meetingsv1.AskMode, people ...string) []*meetingsv1.Ask {
	w.Helper()
	return must[*meetingsv1.AskProfessionalsResponse](w)(w.AskProfessionals(w.as("organiser"), asking(m, mode, people...))).GetAsks()
}

func (w *world) search(m *meetingsv1.Meeting) *meetingsv1.ProfessionalSearch {
	w.Helper()
	return must[*meetingsv1.ProfessionalSearch](w)(w.GetSearch(w.as("organiser"), &meetingsv1.GetSearchRequest{MeetingId: m.GetId()}))
}

const (
	oneByOne = meetingsv1.AskMode_ASK_MODE_ONE_BY_ONE
	together = meetingsv1.AskMode_ASK_MODE_TOGETHER
)

func TestSearchForAProfessional(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	if s := w.search(m); s.GetState() != meetingsv1.SearchState_SEARCH_STATE_NOT_SOUGHT || s.GetEtag() != "" || s.GetMeetingId() != m.GetId() {
		t.Fatalf("before: %v", s)
	}
	begin := &meetingsv1.StartSearchRequest{MeetingId: m.GetId(), Tags: []string{"Thymio"}, RequestId: uuid.NewString()}
	s := must[*meetingsv1.ProfessionalSearch](w)(w.StartSearch(w.as("organiser"), begin))
	if again := must[*meetingsv1.ProfessionalSearch](w)(w.StartSearch(w.as("organiser"), begin)); !proto.Equal(s, again) || !proto.Equal(s, w.search(m)) {
		t.Fatalf("%v, then %v", s, again)
	}
	far, near := w.professional(80), w.professional(3)
	fit := w.professional(5, func(p *meshv1.FoundProfessional) { p.ModuleIds, p.Tags = []string{m.GetModuleId()}, []string{"THYMIO"} })
	list := func() []*meetingsv1.Candidate {
		return must[*meetingsv1.ListCandidatesResponse](w)(w.ListCandidates(w.as("coordinator"), &meetingsv1.ListCandidatesRequest{MeetingId: m.GetId()})).GetCandidates()
	}
	if got := order(list()); got != fmt.Sprint([]string{fit, near, far}) {
		t.Fatalf("%v", list())
	}
	if in := w.near.asked; in.GetCommuneCode() != "44109" || !proto.Equal(in.GetStartTime(), m.GetStartTime()) || !proto.Equal(in.GetEndTime(), m.GetEndTime()) {
		t.Fatalf("the mesh was asked %v", in)
	}
	asks := w.ask(m, oneByOne, fit, near)
	own := must[*meetingsv1.ListAsksResponse](w)(w.ListAsks(w.as(fit), &meetingsv1.ListAsksRequest{})).GetAsks()
	if len(own) != 1 || !proto.Equal(own[0], asks[0]) || own[0].GetState() != meetingsv1.AskState_ASK_STATE_SENT {
		t.Fatalf("the professional sees %v", own)
	}
	accept := &meetingsv1.AcceptAskRequest{Id: asks[0].GetId(), RequestId: uuid.NewString()}
	accepted := must[*meetingsv1.Ask](w)(w.AcceptAsk(w.as(fit), accept))
	if again := must[*meetingsv1.Ask](w)(w.AcceptAsk(w.as(fit), accept)); !proto.Equal(accepted, again) {
		t.Fatalf("%v, then %v", accepted, again)
	}
	if s := w.search(m); s.GetState() != meetingsv1.SearchState_SEARCH_STATE_CONFIRMED || s.GetPersonId() != fit {
		t.Fatalf("confirmed: %v", s)
	}
	if c := list()[0]; c.GetPersonId() != fit || c.GetAskState() != meetingsv1.AskState_ASK_STATE_ACCEPTED || c.GetParts()[3].GetPoints() != 10 {
		t.Fatalf("who comes already is as fit as before: %v", c)
	}
	// Never a condition: the meeting is confirmed and held without.
	must[*meetingsv1.Ask](w)(w.DeclineAsk(w.as(fit), &meetingsv1.DeclineAskRequest{Id: asks[0].GetId()}))
	w.clock.Set(start.Add(time.Hour)) // the next one has as long
	if read := must[*meetingsv1.Ask](w)(w.GetAsk(w.as(near), &meetingsv1.GetAskRequest{Id: asks[1].GetId()})); read.GetState() != meetingsv1.AskState_ASK_STATE_LAPSED {
		t.Fatalf("at the instant of its deadline: %v", read)
	}
	without := must[*meetingsv1.ProfessionalSearch](w)(w.ConcludeWithout(w.as("organiser"), &meetingsv1.ConcludeWithoutRequest{
		MeetingId: m.GetId(), Reason: meetingsv1.WithoutReason_WITHOUT_REASON_NO_ANSWER, Text: "  personne\u200f 🤷 ",
	}))
	if without.GetWithoutText() != "personne\u200f 🤷" || without.GetLostCount() != 1 {
		t.Fatalf("%v", without)
	}
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	counted := must[*meetingsv1.CountSearchesResponse](w)(w.CountSearches(w.as("national"), &meetingsv1.CountSearchesRequest{TerritoryCode: "44109"}))
	want := &meetingsv1.CountSearchesResponse{LostCount: 1, Counts: []*meetingsv1.SearchCount{{State: 5, WithoutReason: 3, Count: 1}}}
	if !proto.Equal(counted, want) {
		t.Fatalf("counted %v", counted)
	}
}

func order(candidates []*meetingsv1.Candidate) string {
	var ids []string
	for _, c := range candidates {
		ids = append(ids, c.GetPersonId())
	}
	return fmt.Sprint(ids)
}

func TestAnswerByLink(t *testing.T) {
	w := newWorld(t)
	m, one, other := w.sought(), w.professional(1), w.professional(2)
	asks := w.ask(m, together, one, other)
	key := link.DeriveKey(w.cfg.PageKey)
	claim := link.Claim{Action: "acceptAsk", Resource: asks[0].GetId(), PersonID: one, Expires: m.GetStartTime().AsTime()}
	answer := func(answer meetingsv1.AskAnswer, token string) (*meetingsv1.Ask, error) {
		return w.AnswerAskByLink(w.as(""), &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: answer})
	}
	with := func(k link.Key, edit func(*link.Claim)) func() error {
		c := claim
		edit(&c)
		return func() error { _, err := answer(meetingsv1.AskAnswer_ASK_ANSWER_ACCEPT, k.Sign(c)); return err }
	}
	good := key.Sign(claim)
	w.refuses(map[string]refusal{
		"altered":         {func() error { _, err := answer(1, tampered(good)); return err }, errs.Denied, "LINK_INVALID", "token"},
		"cut short":       {func() error { _, err := answer(1, good[:20]); return err }, errs.Denied, "LINK_INVALID", "token"},
		"empty":           {func() error { _, err := answer(1, ""); return err }, errs.Invalid, "STRING_MIN_LEN", "token"},
		"for declining":   {func() error { _, err := answer(2, good); return err }, errs.Denied, "LINK_INVALID", "token"},
		"no answer":       {func() error { _, err := answer(0, good); return err }, errs.Invalid, "ENUM_NOT_IN", "answer"},
		"another key":     {with(link.DeriveKey([]byte("another")), func(*link.Claim) {}), errs.Denied, "LINK_INVALID", "token"},
		"another action":  {with(key, func(c *link.Claim) { c.Action = "acceptOffer" }), errs.Denied, "LINK_INVALID", "token"},
		"another person":  {with(key, func(c *link.Claim) { c.PersonID = other }), errs.NotFound, "NOT_FOUND", "token"},
		"another record":  {with(key, func(c *link.Claim) { c.Resource = m.GetId() }), errs.NotFound, "NOT_FOUND", ""},
		"at its last":     {with(key, func(c *link.Claim) { c.Expires = start }), errs.Denied, "LINK_EXPIRED", "token"},
		"the page tokens": {func() error { _, err := answer(1, link.Key(w.cfg.PageKey).Sign(claim)); return err }, errs.Denied, "LINK_INVALID", "token"},
	})
	first := must[*meetingsv1.Ask](w)(answer(1, good))
	if again := must[*meetingsv1.Ask](w)(answer(1, good)); !proto.Equal(first, again) || first.GetState() != meetingsv1.AskState_ASK_STATE_ACCEPTED {
		t.Fatalf("%v, then %v", first, again)
	}
	_, err := answer(1, key.Sign(link.Claim{Action: "acceptAsk", Resource: asks[1].GetId(), PersonID: other, Expires: claim.Expires}))
	w.refused(err, errs.Precondition, "ASK_SUPERSEDED", "id")
	w.clock.Set(start.Add(2 * time.Hour)) // long after the deadline, the same click is the same answer, and one may still withdraw
	if again := must[*meetingsv1.Ask](w)(answer(1, good)); !proto.Equal(first, again) {
		t.Fatalf("%v", again)
	}
	claim.Action = "declineAsk"
	if declined := must[*meetingsv1.Ask](w)(answer(2, key.Sign(claim))); declined.GetState() != meetingsv1.AskState_ASK_STATE_DECLINED {
		t.Fatalf("%v", declined)
	}
	if s := w.search(m); s.GetState() != meetingsv1.SearchState_SEARCH_STATE_SEARCHING || s.GetLostCount() != 1 {
		t.Fatalf("%v", s)
	}
}

// A professional is asked ten times by the same request at once, and then by one that says something else.
func TestConcurrentSameAsk(t *testing.T) {
	w := newWorld(t)
	m, req := w.sought(), (*meetingsv1.AskProfessionalsRequest)(nil)
	req = asking(m, together, w.professional(1), w.professional(2))
	req.RequestId = uuid.NewString()
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]int{}
	for range 10 {
		all.Go(func() {
			out, err := w.AskProfessionals(w.as("organiser"), req)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				answers[errs.From(rpc.FromStatus(err)).Reason]++
				return
			}
			answers[out.GetAsks()[0].GetId()+out.GetAsks()[1].GetId()+out.GetSearch().GetEtag()]++
		})
	}
	all.Wait()
	if len(answers) != 1 || len(must[*meetingsv1.ListAsksResponse](w)(w.ListAsks(w.as("organiser"), &meetingsv1.ListAsksRequest{MeetingId: m.GetId()})).GetAsks()) != 2 {
		t.Fatalf("answered %v", answers)
	}
	req.PersonIds = req.GetPersonIds()[:1]
	_, err := w.AskProfessionals(w.as("organiser"), req)
	w.refused(err, errs.Precondition, "REQUEST_ID_REUSED", "request_id")
}

// Who may look for a professional, answer and count; the same people as in TestWhoMay, and the professional.
func TestWhoMaySeek(t *testing.T) {
	w := newWorld(t)
	m, pro := w.sought(), w.professional(1)
	ask := w.ask(m, together, pro)[0]
	for name, c := range map[string]struct {
		call   func(ctx context.Context) error
		may    []string
		hidden bool
	}{
		"start": {func(ctx context.Context) error {
			_, err := w.StartSearch(ctx, &meetingsv1.StartSearchRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"read the search": {func(ctx context.Context) error {
			_, err := w.GetSearch(ctx, &meetingsv1.GetSearchRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"see candidates": {func(ctx context.Context) error {
			_, err := w.ListCandidates(ctx, &meetingsv1.ListCandidatesRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"ask": {func(ctx context.Context) error {
			_, err := w.AskProfessionals(ctx, asking(m, together, pro))
			return err
		}, []string{"organiser", "coordinator"}, false},
		"give up": {func(ctx context.Context) error {
			_, err := w.ConcludeWithout(ctx, &meetingsv1.ConcludeWithoutRequest{MeetingId: m.GetId(), Reason: 1, Text: " "})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"count": {func(ctx context.Context) error {
			_, err := w.CountSearches(ctx, &meetingsv1.CountSearchesRequest{TerritoryCode: "44109"})
			return err
		}, []string{"coordinator", "national"}, false},
		"read an ask": {func(ctx context.Context) error {
			_, err := w.GetAsk(ctx, &meetingsv1.GetAskRequest{Id: ask.GetId()})
			return err
		}, []string{"coordinator", pro}, true},
		"answer": {func(ctx context.Context) error {
			_, err := w.DeclineAsk(ctx, &meetingsv1.DeclineAskRequest{Id: ask.GetId()})
			return err
		}, []string{pro}, true},
	} {
		for _, person := range append(slices.Clone(everybody), pro) {
			err := c.call(w.as(person))
			kind := errs.Kind(255)
			if err != nil {
				kind = errs.From(rpc.FromStatus(err)).Kind
			}
			denied := kind == errs.Denied || kind == errs.NotFound
			if denied == slices.Contains(c.may, person) || denied && (kind == errs.NotFound) != c.hidden {
				t.Errorf("%s, %s: %v", name, person, err)
			}
		}
	}
	for person, want := range map[string]int{"organiser": 1, "coordinator": 1, "national": 0, "stranger": 0, pro: 1} {
		if got := must[*meetingsv1.ListAsksResponse](w)(w.ListAsks(w.as(person), &meetingsv1.ListAsksRequest{MeetingId: m.GetId()})).GetAsks(); len(got) != want {
			t.Errorf("%s sees %v", person, got)
		}
	}
}
