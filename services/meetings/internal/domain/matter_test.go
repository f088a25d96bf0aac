package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// In Paris it is ten to ten in the evening, on a Tuesday of November.
var lateEvening = time.Date(2026, 11, 24, 20, 50, 0, 0, time.UTC)

const paris = "Europe/Paris"

func matterOf(kind domain.NoticeKind, state domain.RegistrationState) domain.Matter {
	m := domain.Meeting{
		State: domain.MeetingOpen, Start: lateEvening.Add(72 * time.Hour), End: lateEvening.Add(74 * time.Hour), TimeZone: paris, PlaceID: "p", Version: 3,
	}
	return domain.Matter{
		Notice: domain.Notice{Kind: kind, Start: m.Start}, Meeting: m,
		Addressee: domain.Addressee{
			Registration: domain.Registration{State: state, OfferExpires: lateEvening.Add(time.Hour)},
			Preferences:  domain.UsualPreferences(), Told: domain.Terms{Start: m.Start.Add(-time.Hour), End: m.End, TimeZone: paris, PlaceID: "p", Version: 1},
		},
	}
}

func TestDecide(t *testing.T) {
	morning := time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC)
	keep := func(*domain.Matter) {}
	for name, c := range map[string]struct {
		kind   domain.NoticeKind
		state  domain.RegistrationState
		change func(*domain.Matter)
		want   domain.Decision
	}{
		"confirmed":                {domain.NoticeConfirmed, domain.RegistrationConfirmed, keep, domain.Decision{}},
		"confirmed, given back":    {domain.NoticeConfirmed, domain.RegistrationCancelled, keep, domain.Decision{Drop: "STALE"}},
		"confirmed, called off":    {domain.NoticeConfirmed, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Meeting.State = domain.MeetingCancelled }, domain.Decision{Drop: "STALE"}},
		"confirmed, begun":         {domain.NoticeConfirmed, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Meeting.Start = lateEvening }, domain.Decision{Drop: "STALE"}},
		"waits":                    {domain.NoticeWaitlisted, domain.RegistrationWaitlisted, keep, domain.Decision{}},
		"waited, offered since":    {domain.NoticeWaitlisted, domain.RegistrationOffered, keep, domain.Decision{Drop: "STALE"}},
		"offered":                  {domain.NoticeOffered, domain.RegistrationOffered, keep, domain.Decision{}},
		"offered, at its deadline": {domain.NoticeOffered, domain.RegistrationOffered, func(m *domain.Matter) { m.Addressee.OfferExpires = lateEvening }, domain.Decision{Drop: "STALE"}},
		"offered, answered":        {domain.NoticeOffered, domain.RegistrationConfirmed, keep, domain.Decision{Drop: "STALE"}},
		"lapsed":                   {domain.NoticeLapsed, domain.RegistrationLapsed, keep, domain.Decision{}},
		"declined":                 {domain.NoticeDeclined, domain.RegistrationDeclined, keep, domain.Decision{}},
		"cancelled":                {domain.NoticeCancelled, domain.RegistrationCancelled, keep, domain.Decision{}},
		"reminder at night":        {domain.NoticeReminder, domain.RegistrationConfirmed, keep, domain.Decision{Wait: morning}},
		"reminder, moved":          {domain.NoticeReminder, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Start = m.Start.Add(-time.Hour) }, domain.Decision{Drop: "STALE"}},
		"reminder, waiting":        {domain.NoticeReminder, domain.RegistrationWaitlisted, keep, domain.Decision{Drop: "STALE"}},
		"reminder, soon":           {domain.NoticeReminder, domain.RegistrationConfirmed, soon, domain.Decision{}},
		"short, not asked for":     {domain.NoticeShortReminder, domain.RegistrationConfirmed, keep, domain.Decision{Drop: "UNSUBSCRIBED"}},
		"short, asked for": {domain.NoticeShortReminder, domain.RegistrationConfirmed, func(m *domain.Matter) {
			soon(m)
			m.Addressee.Preferences.ShortReminder = true
		}, domain.Decision{}},
		"changed at night":      {domain.NoticeChanged, domain.RegistrationWaitlisted, keep, domain.Decision{Wait: morning}},
		"changed, soon":         {domain.NoticeChanged, domain.RegistrationConfirmed, soon, domain.Decision{}},
		"changed and back":      {domain.NoticeChanged, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Addressee.Told = m.Meeting.Terms() }, domain.Decision{Drop: "UNCHANGED"}},
		"changed, never told":   {domain.NoticeChanged, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Addressee.Told = domain.Terms{}; soon(m) }, domain.Decision{}},
		"changed, to be told":   {domain.NoticeChanged, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Awaited = true }, domain.Decision{Drop: "UNCHANGED"}},
		"another zone":          {domain.NoticeChanged, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Addressee.Told = m.Meeting.Terms(); m.Meeting.TimeZone = "UTC"; soon(m) }, domain.Decision{}},
		"changed, given back":   {domain.NoticeChanged, domain.RegistrationCancelled, keep, domain.Decision{Drop: "STALE"}},
		"called off, at night":  {domain.NoticeMeetingCancelled, domain.RegistrationOffered, func(m *domain.Matter) { m.Meeting.State = domain.MeetingCancelled }, domain.Decision{}},
		"called off, long ago":  {domain.NoticeMeetingCancelled, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Meeting.State = domain.MeetingCancelled; m.Meeting.End = lateEvening }, domain.Decision{Drop: "STALE"}},
		"called off, not there": {domain.NoticeMeetingCancelled, domain.RegistrationLapsed, func(m *domain.Matter) { m.Meeting.State = domain.MeetingCancelled }, domain.Decision{Drop: "STALE"}},
		"takes place": {domain.NoticeMeetingConfirmed, domain.RegistrationConfirmed, func(m *domain.Matter) {
			m.Meeting.State, m.Addressee.Preferences.MeetingConfirmed = domain.MeetingConfirmed, true
		}, domain.Decision{Wait: morning}},
		"takes place, not asked": {domain.NoticeMeetingConfirmed, domain.RegistrationConfirmed, func(m *domain.Matter) { m.Meeting.State = domain.MeetingConfirmed }, domain.Decision{Drop: "UNSUBSCRIBED"}},
		"unsubscribed, reminder": {domain.NoticeReminder, domain.RegistrationConfirmed, level(domain.NoticesEssential), domain.Decision{Drop: "UNSUBSCRIBED"}},
		"unsubscribed, offer":    {domain.NoticeOffered, domain.RegistrationOffered, level(domain.NoticesEssential), domain.Decision{}},
		"nothing at all":         {domain.NoticeOffered, domain.RegistrationOffered, level(domain.NoticesNone), domain.Decision{Drop: "UNSUBSCRIBED"}},
		"unknown":                {99, domain.RegistrationConfirmed, keep, domain.Decision{Drop: "STALE"}},
	} {
		m := matterOf(c.kind, c.state)
		c.change(&m)
		if got := m.Decide(lateEvening); got.Drop != c.want.Drop || !got.Wait.Equal(c.want.Wait) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func level(l domain.NoticeLevel) func(*domain.Matter) {
	return func(m *domain.Matter) { m.Addressee.Preferences.Level = l }
}

// soon is a meeting at ten to ten in the morning after.
func soon(m *domain.Matter) {
	m.Meeting.Start, m.Meeting.End = lateEvening.Add(12*time.Hour), lateEvening.Add(14*time.Hour)
	m.Start = m.Meeting.Start
}

func TestQuietUntil(t *testing.T) {
	night, noon := domain.UsualPreferences(), domain.NoticePreferences{QuietStart: 12 * 60, QuietEnd: 14 * 60}
	for name, c := range map[string]struct {
		preferences     domain.NoticePreferences
		zone, now, want string
	}{
		"evening":             {night, paris, "2026-11-24T20:00:00Z", "2026-11-25T06:00:00Z"},
		"a minute before":     {night, paris, "2026-11-24T19:59:59Z", ""},
		"before the morning":  {night, paris, "2026-11-25T05:59:59Z", "2026-11-25T06:00:00Z"},
		"in the morning":      {night, paris, "2026-11-25T06:00:00Z", ""},
		"last of the year":    {night, paris, "2026-12-31T22:00:00Z", "2027-01-01T06:00:00Z"},
		"spring forward":      {night, paris, "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"},
		"in autumn":           {night, paris, "2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"},
		"La Réunion":          {night, "Indian/Reunion", "2026-11-24T18:00:00Z", "2026-11-25T03:00:00Z"},
		"Tahiti":              {night, "Pacific/Tahiti", "2026-11-24T18:00:00Z", ""},
		"Tahiti by night":     {night, "Pacific/Tahiti", "2026-11-24T08:00:00Z", "2026-11-24T17:00:00Z"},
		"over noon":           {noon, "UTC", "2026-11-24T13:00:00Z", "2026-11-24T14:00:00Z"},
		"not over noon":       {noon, "UTC", "2026-11-24T20:00:00Z", ""},
		"none":                {domain.NoticePreferences{QuietStart: 60, QuietEnd: 60}, "UTC", "2026-11-24T01:00:00Z", ""},
		"a zone of yesterday": {night, "Nowhere/Gone", "2026-11-24T22:00:00Z", "2026-11-25T07:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if until := c.preferences.QuietUntil(now, c.zone); !until.IsZero() {
			got = until.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Whatever the hours, the zone and the instant: the wait is in the future, at most a day, and ends outside of the quiet hours.
func TestQuietHoursEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := rapid.IntRange(0, 24*60-1)
		p := domain.NoticePreferences{QuietStart: minute.Draw(t, "start"), QuietEnd: minute.Draw(t, "end")}
		zone := rapid.SampledFrom([]string{paris, "Pacific/Tahiti", "America/Miquelon", "Pacific/Noumea", "UTC"}).Draw(t, "zone")
		now := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "now"), 0)
		until := p.QuietUntil(now, zone)
		if until.IsZero() {
			return
		}
		if !until.After(now) || until.Sub(now) > 25*time.Hour || !p.QuietUntil(until.Add(time.Hour), zone).IsZero() && !p.QuietUntil(until, zone).IsZero() {
			t.Fatalf("at %v until %v", now, until)
		}
	})
}

// What is told of an ask holds as long as the ask, the search and the meeting are as it says.
func TestDecideOfAnAsk(t *testing.T) {
	morning := time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC)
	var none, stale, unchanged, unwanted = domain.Decision{}, domain.Decision{Drop: "STALE"}, domain.Decision{Drop: "UNCHANGED"}, domain.Decision{Drop: "UNSUBSCRIBED"}
	wait := domain.Decision{Wait: morning}
	keep := func(*domain.Matter) {}
	cancelled := func(m *domain.Matter) { m.Meeting.State = domain.MeetingCancelled }
	untold := func(m *domain.Matter) { m.Addressee.Told = domain.Terms{} }
	for name, c := range map[string]struct {
		kind   domain.NoticeKind
		state  domain.AskState
		change func(*domain.Matter)
		want   domain.Decision
	}{
		"asked at night":              {domain.NoticeAskSent, domain.AskSent, keep, wait},
		"asked, to answer by morning": {domain.NoticeAskSent, domain.AskSent, func(m *domain.Matter) { m.Ask.Deadline = lateEvening.Add(12 * time.Hour) }, none},
		"asked, at its deadline":      {domain.NoticeAskSent, domain.AskSent, func(m *domain.Matter) { m.Ask.Deadline = lateEvening }, stale},
		"asked, answered":             {domain.NoticeAskSent, domain.AskDeclined, keep, stale},
		"asked, called off":           {domain.NoticeAskSent, domain.AskSent, cancelled, stale},
		"asked, unsubscribed":         {domain.NoticeAskSent, domain.AskSent, level(domain.NoticesEssential), unwanted},
		"comes, at night":             {domain.NoticeAskAccepted, domain.AskAccepted, keep, none},
		"comes, unsubscribed":         {domain.NoticeAskAccepted, domain.AskAccepted, level(domain.NoticesEssential), none},
		"comes, wants nothing":        {domain.NoticeAskAccepted, domain.AskAccepted, level(domain.NoticesNone), unwanted},
		"comes, withdrawn":            {domain.NoticeAskAccepted, domain.AskDeclined, keep, stale},
		"withdrawn":                   {domain.NoticeAskWithdrawn, domain.AskDeclined, keep, none},
		"superseded":                  {domain.NoticeAskSuperseded, domain.AskSuperseded, soon, none},
		"superseded, called off":      {domain.NoticeAskSuperseded, domain.AskSuperseded, func(m *domain.Matter) { soon(m); cancelled(m) }, none},
		"superseded, never told":      {domain.NoticeAskSuperseded, domain.AskSuperseded, untold, stale},
		"superseded, being told": {domain.NoticeAskSuperseded, domain.AskSuperseded, func(m *domain.Matter) {
			soon(m)
			untold(m)
			m.Awaited = true
		}, domain.Decision{Wait: lateEvening.Add(time.Minute)}},
		"freed":                       {domain.NoticeAskFreed, domain.AskSuperseded, keep, none},
		"freed, begun":                {domain.NoticeAskFreed, domain.AskSuperseded, func(m *domain.Matter) { m.Meeting.Start = lateEvening }, stale},
		"changed":                     {domain.NoticeAskChanged, domain.AskAccepted, soon, none},
		"changed at night":            {domain.NoticeAskChanged, domain.AskAccepted, keep, wait},
		"changed and back":            {domain.NoticeAskChanged, domain.AskAccepted, func(m *domain.Matter) { m.Addressee.Told = m.Meeting.Terms() }, unchanged},
		"changed, to be confirmed":    {domain.NoticeAskChanged, domain.AskAccepted, func(m *domain.Matter) { m.Awaited = true }, unchanged},
		"changed, freed":              {domain.NoticeAskChanged, domain.AskSuperseded, keep, stale},
		"moved":                       {domain.NoticeAskMoved, domain.AskSent, soon, none},
		"moved, never told":           {domain.NoticeAskMoved, domain.AskSent, untold, stale},
		"moved, to be asked":          {domain.NoticeAskMoved, domain.AskSent, func(m *domain.Matter) { m.Awaited = true }, unchanged},
		"called off":                  {domain.NoticeAskMeetingCancelled, domain.AskAccepted, cancelled, none},
		"called off, was not to come": {domain.NoticeAskMeetingCancelled, domain.AskSuperseded, cancelled, stale},
		"it takes place":              {domain.NoticeAskMeetingCancelled, domain.AskAccepted, keep, stale},
	} {
		m := matterOf(c.kind, 0)
		m.Ask = domain.Ask{State: c.state, Deadline: lateEvening.Add(36 * time.Hour)}
		c.change(&m)
		if got := m.Decide(lateEvening); got.Drop != c.want.Drop || !got.Wait.Equal(c.want.Wait) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		kind  domain.NoticeKind
		state domain.SearchState
		cause domain.ReopenCause
		level domain.NoticeLevel
		want  domain.Decision
	}{
		"comes":                       {domain.NoticeProfessionalComes, domain.ProfessionalConfirmed, 0, domain.NoticesAll, wait},
		"comes, unsubscribed":         {domain.NoticeProfessionalComes, domain.ProfessionalConfirmed, 0, domain.NoticesEssential, unwanted},
		"comes, and withdrew":         {domain.NoticeProfessionalComes, domain.Searching, domain.ReopenedWithdrawn, domain.NoticesAll, stale},
		"declined by all":             {domain.NoticeSearchReopened, domain.Searching, domain.ReopenedDeclined, domain.NoticesEssential, wait},
		"others asked since":          {domain.NoticeSearchReopened, domain.Asked, domain.ReopenedDeclined, domain.NoticesAll, stale},
		"lost":                        {domain.NoticeProfessionalLost, domain.Searching, domain.ReopenedWithdrawn, domain.NoticesEssential, wait},
		"lost, next in line asked":    {domain.NoticeProfessionalLost, domain.Asked, domain.ReopenedWithdrawn, domain.NoticesAll, wait},
		"lost, somebody else accepts": {domain.NoticeProfessionalLost, domain.ProfessionalConfirmed, 0, domain.NoticesAll, stale},
	} {
		m := matterOf(c.kind, 0)
		m.Search = domain.Search{State: c.state, ReopenCause: c.cause}
		m.Addressee.Preferences.Level = c.level
		if got := m.Decide(lateEvening); got.Drop != c.want.Drop || !got.Wait.Equal(c.want.Wait) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// An invitation's mail goes out while it waits for an answer, in the daytime of the place, and only for the last time that it was sent.
func TestDecideOfAnInvitation(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		i     domain.Invitation
		level domain.NoticeLevel
		want  domain.Decision
	}{
		"Nantes, by night":       {domain.Invitation{CommuneCode: "44109", Open: true, Expires: lateEvening.Add(day)}, 1, domain.Decision{Wait: time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC)}},
		"Tahiti, in the morning": {domain.Invitation{CommuneCode: "98735", Open: true, Expires: lateEvening.Add(day)}, 1, domain.Decision{}},
		"unsubscribed":           {domain.Invitation{CommuneCode: "98735", Open: true, Expires: lateEvening.Add(day)}, domain.NoticesEssential, domain.Decision{Drop: "UNSUBSCRIBED"}},
		"last hours":             {domain.Invitation{CommuneCode: "44109", Open: true, Expires: lateEvening.Add(day / 2)}, 1, domain.Decision{}},
		"lapsed":                 {domain.Invitation{CommuneCode: "98735", Open: true, Expires: lateEvening}, 1, domain.Decision{Drop: "STALE"}},
		"answered":               {domain.Invitation{CommuneCode: "98735", Expires: lateEvening.Add(day)}, 1, domain.Decision{Drop: "STALE"}},
		"renewed":                {domain.Invitation{CommuneCode: "98735", Open: true, SendTime: lateEvening, Expires: lateEvening.Add(day)}, 1, domain.Decision{Drop: "STALE"}},
		"unknown to the mesh":    {domain.Invitation{}, 1, domain.Decision{Drop: "STALE"}},
	} {
		m := domain.Matter{Notice: domain.Notice{Kind: domain.NoticeInvited}, Invitation: c.i, Addressee: domain.Addressee{Preferences: domain.UsualPreferences()}}
		m.Addressee.Preferences.Level = c.level
		if got := m.Decide(lateEvening); got.Drop != c.want.Drop || !got.Wait.Equal(c.want.Wait) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
