package domain

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Notice is a mail to the person of one registration: what it says is read when it is sent.
type Notice struct {
	ID             string
	Key            string // what it follows from: the same news is one notice
	MeetingID      string
	RegistrationID string
	Kind           NoticeKind
	State          NoticeState
	Reason         string    // why it was dropped or has failed
	Start          time.Time // of the meeting that a reminder is about; zero for the others
	Due            time.Time
	CreateTime     time.Time
	EndTime        time.Time // zero while it is pending
}

// NoticeKind is what a notice tells; the numbers are the contract's.
type NoticeKind int

// The kinds of notices.
const (
	NoticeConfirmed NoticeKind = iota + 1
	NoticeWaitlisted
	NoticeOffered
	NoticeLapsed
	NoticeDeclined
	NoticeCancelled
	NoticeReminder
	NoticeShortReminder
	NoticeChanged
	NoticeMeetingCancelled
	NoticeMeetingConfirmed
)

var noticeNames = [...]string{
	"unspecified", "confirmed", "waitlisted", "offered", "lapsed", "declined", "cancelled", "reminder", "short-reminder", "changed",
	"meeting-cancelled", "meeting-confirmed",
}

// String is the kind's name, as keys and files have it.
func (k NoticeKind) String() string {
	if k >= 0 && int(k) < len(noticeNames) {
		return noticeNames[k]
	}
	return noticeNames[0]
}

// NoticeState is what became of a notice; the numbers are the contract's.
type NoticeState int

// The states of a notice.
const (
	NoticePending NoticeState = iota + 1
	NoticeSent
	NoticeDropped
	NoticeFailed
)

// Why a notice was dropped or has failed.
const (
	ReasonStale        = "STALE"        // no longer true: something else has happened since
	ReasonUnchanged    = "UNCHANGED"    // the edits have undone each other, or another notice has told them
	ReasonUnsubscribed = "UNSUBSCRIBED" // the person does not want it
	ReasonNoAddress    = "NO_ADDRESS"   // nobody knows where to write to
	ReasonRefused      = "REFUSED"      // the mail server does not take this address
	ReasonGivenUp      = "GIVEN_UP"     // every attempt has failed
)

// Terms are what a person was last told of a meeting's hour and place.
type Terms struct {
	Start, End time.Time
	TimeZone   string
	PlaceID    string
	Version    int64 // of the meeting; 0 when the person was told nothing yet
}

// Terms are what there is to tell now.
func (m Meeting) Terms() Terms { return Terms{m.Start, m.End, m.TimeZone, m.PlaceID, m.Version} }

// Same tells whether a person who was told t knows o as well.
func (t Terms) Same(o Terms) bool {
	return t.Start.Equal(o.Start) && t.End.Equal(o.End) && t.TimeZone == o.TimeZone && t.PlaceID == o.PlaceID
}

// Addressee is someone who may be written to about a meeting.
type Addressee struct {
	Registration
	Preferences NoticePreferences
	Told        Terms
}

// NoticeQuery selects a meeting's notices, oldest first.
type NoticeQuery struct {
	MeetingID string
	State     NoticeState // 0 for all
	Page
}

// NoticeReads finds notices and what decides about them.
type NoticeReads interface {
	// Notice is the notice with this key, or ErrNoticeNotFound.
	Notice(ctx context.Context, key string) (Notice, error)
	Notices(ctx context.Context, q NoticeQuery) ([]Notice, error)
	// Awaits tells whether a notice of this kind to this registration is still pending.
	Awaits(ctx context.Context, registrationID string, kind NoticeKind) (bool, error)
	// Addressee is the person of a registration, with their preferences and what they were told.
	Addressee(ctx context.Context, registrationID string) (Addressee, error)
	// Addressees are the persons of a meeting's registrations, in the order of the registrations.
	Addressees(ctx context.Context, meetingID string, p Page) ([]Addressee, error)
	// NoticePreferences are a person's, or the usual ones.
	NoticePreferences(ctx context.Context, personID string) (NoticePreferences, error)
}

// NoticeWrites changes notices and what decides about them.
type NoticeWrites interface {
	// InsertNotices adds notices; those whose key is known stay as they are.
	InsertNotices(ctx context.Context, all []Notice) error
	// EndNotice keeps what became of a pending notice; one that has ended stays as it is.
	EndNotice(ctx context.Context, n Notice) error
	// KeepTerms remembers what the person of a registration was told, unless they were told something newer.
	KeepTerms(ctx context.Context, registrationID string, t Terms) error
	// OpenWindow begins to collect the changes of a meeting, and gives the window's number; false when they are being collected.
	OpenWindow(ctx context.Context, meetingID string) (number int64, opened bool, err error)
	// CloseWindow ends it: what changes from here on is told by another notice.
	CloseWindow(ctx context.Context, meetingID string) error
	// SavePreferences refuses when someone else has saved the version before.
	SavePreferences(ctx context.Context, personID string, p NoticePreferences) error
	// FinishTask marks a task that was taken under a lease as done.
	FinishTask(ctx context.Context, id, lease string) error
	// Schedule adds tasks that are done once, at their hour or soon after; those whose key is known stay as they are.
	Schedule(ctx context.Context, tasks ...Task) error
}

// ErrNoticeNotFound says that there is no such notice.
var ErrNoticeNotFound = errs.Missing("notice", "avis")

// What a mail's links let its receiver do without signing in.
const (
	LinkUnsubscribe        = "unsubscribe" // from reminders and changes
	LinkCancelRegistration = "cancelRegistration"
	LinkAcceptOffer        = "acceptOffer"
	LinkDeclineOffer       = "declineOffer"
)

// Task is something to be done once.
type Task struct {
	Kind    string
	Key     string
	Due     time.Time
	Payload []byte
}

// The kinds of tasks.
const (
	TaskSend     = "notices.send"     // the payload is a notice's key
	TaskAnnounce = "notices.announce" // the payload is an Announcement
)

// Announcement is something to be told to everyone whom it concerns among a meeting's registrations.
type Announcement struct {
	Kind      NoticeKind
	MeetingID string
	Cause     string    // what it follows from
	Start     time.Time // as in Notice
}

// task is the announcement as one.
func (a Announcement) task(due time.Time) Task {
	payload, err := json.Marshal(a)
	if err != nil { // plain values only
		panic(err)
	}
	return Task{Kind: TaskAnnounce, Key: "announce:" + a.Kind.String() + ":" + a.MeetingID + ":" + a.Cause, Due: due, Payload: payload}
}

// ReadAnnouncement reads a task's payload.
func ReadAnnouncement(payload []byte) (a Announcement, err error) {
	return a, json.Unmarshal(payload, &a)
}

// noticeKey names a notice by what it follows from.
func noticeKey(kind NoticeKind, cause, registrationID string) string {
	return kind.String() + ":" + cause + ":" + registrationID
}

// sendNotices schedules notices, each as a task of its own.
func sendNotices(ctx context.Context, tx Tx, all []Notice) error {
	if err := tx.InsertNotices(ctx, all); err != nil {
		return err
	}
	tasks := make([]Task, len(all))
	for i, n := range all {
		tasks[i] = Task{Kind: TaskSend, Key: "send:" + n.Key, Due: n.Due, Payload: []byte(n.Key)}
	}
	return tx.Schedule(ctx, tasks...)
}

func startCause(start time.Time) string { return strconv.FormatInt(start.UnixMicro(), 10) }
