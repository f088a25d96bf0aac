package domain

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Notice is a mail to one person: what it says is read when it is sent.
type Notice struct {
	ID         string
	Key        string // what it follows from: the same news is one notice
	MeetingID  string // empty when it belongs to none: an invitation's, or that of a poll which makes a meeting
	SubjectID  string // what it is about, a record of the kind's subject
	PersonID   string // to whom; empty where the subject says it
	Kind       NoticeKind
	State      NoticeState
	Reason     string    // why it was dropped or has failed
	Start      time.Time // of the meeting that a reminder is about, or when an invitation was sent; zero for the others
	Due        time.Time
	CreateTime time.Time
	EndTime    time.Time // zero while it is pending
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
	ReasonErased       = "ERASED"       // the person was forgotten
)

// Terms are what a person was last told of when and how to take part in a meeting.
type Terms struct {
	Start, End time.Time
	TimeZone   string
	PlaceID    string // empty for whoever takes part from afar
	Mode       MeetingMode
	RemoteURL  string // for whoever does
	Version    int64  // of the meeting; 0 when the person was told nothing yet
}

// Terms are what there is to tell now to whoever comes to the place.
func (m Meeting) Terms() Terms {
	return Terms{Start: m.Start, End: m.End, TimeZone: m.TimeZone, PlaceID: m.PlaceID, Mode: m.Mode, Version: m.Version}
}

// Same tells whether a person who was told t knows o as well.
func (t Terms) Same(o Terms) bool {
	return t.Start.Equal(o.Start) && t.End.Equal(o.End) && t.TimeZone == o.TimeZone && t.PlaceID == o.PlaceID && t.Mode == o.Mode &&
		t.RemoteURL == o.RemoteURL
}

// Addressee is someone who may be written to. Of what is about no registration, the registration has its person only.
type Addressee struct {
	Registration
	Preferences NoticePreferences
	Told        Terms // in the matter of the registration, or of what else the notice is about
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
	// Awaits tells whether a notice of this kind about this subject is still pending.
	Awaits(ctx context.Context, subjectID string, kind NoticeKind) (bool, error)
	// Addressee is the person of a registration, with their preferences and what they were told.
	Addressee(ctx context.Context, registrationID string) (Addressee, error)
	// Addressees are the persons of a meeting's registrations, in the order of the registrations.
	Addressees(ctx context.Context, meetingID string, p Page) ([]Addressee, error)
	// AddresseeAbout is a person, with what they were told in the matter of a subject that is no registration.
	AddresseeAbout(ctx context.Context, personID, subjectID string) (Addressee, error)
	// NoticePreferences are a person's, or the usual ones.
	NoticePreferences(ctx context.Context, personID string) (NoticePreferences, error)
}

// NoticeWrites changes notices and what decides about them.
type NoticeWrites interface {
	// InsertNotices adds notices; those whose key is known stay as they are.
	InsertNotices(ctx context.Context, all []Notice) error
	// EndNotice keeps what became of a pending notice; one that has ended stays as it is.
	EndNotice(ctx context.Context, n Notice) error
	// KeepTerms remembers what was told in the matter of a subject, unless something of a later version was.
	KeepTerms(ctx context.Context, subjectID string, t Terms) error
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
	LinkUnsubscribe        = "unsubscribe" // from whatever is not essential
	LinkCancelRegistration = "cancelRegistration"
	LinkAcceptOffer        = "acceptOffer"
	LinkDeclineOffer       = "declineOffer"
	LinkAcceptAsk          = "acceptAsk"
	LinkDeclineAsk         = "declineAsk" // also to withdraw
	LinkAcceptSwap         = "acceptSwap"
	LinkVotePoll           = "votePoll"
	LinkRegister           = "register"     // for a meeting
	LinkGiveFeedback       = "giveFeedback" // on a meeting
	LinkCheckIn            = "checkIn"      // to a meeting, with the code on its screen
	LinkShowCheckIn        = "showCheckIn"  // of a meeting, to a room
	// The mesh opens these: both derive the key of links from the same page key.
	LinkAcceptInvitation  = "acceptInvitation"
	LinkDeclineInvitation = "declineInvitation"
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
	TaskInvite   = "notices.invite"   // as above; thousands at once, that nobody waits for
	TaskAnnounce = "notices.announce" // the payload is an Announcement
)

// Announcement is something to be told to everyone whom it concerns.
type Announcement struct {
	Kind      NoticeKind
	MeetingID string    // whose registrations are looked through
	SubjectID string    // what it is about; empty when that is each registration
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

// of is the notice of an announcement about a subject; its person is given where the subject does not say it.
func (a Announcement) of(subjectID, personID string, now time.Time) Notice {
	return Notice{
		Key: noticeKey(a.Kind, a.Cause, subjectID, personID), MeetingID: a.MeetingID, SubjectID: subjectID, PersonID: personID,
		Kind: a.Kind, State: NoticePending, Start: a.Start, Due: now, CreateTime: now,
	}
}

// ReadAnnouncement reads a task's payload.
func ReadAnnouncement(payload []byte) (a Announcement, err error) {
	return a, json.Unmarshal(payload, &a)
}

// noticeKey names a notice by what it follows from.
func noticeKey(kind NoticeKind, cause, subjectID, personID string) string {
	key := kind.String() + ":" + cause + ":" + subjectID
	if personID != "" {
		key += ":" + personID
	}
	return key
}

// sendNotices schedules notices, each as a task of its own.
func sendNotices(ctx context.Context, tx Tx, all []Notice, newID func() string) error {
	for i := range all {
		all[i].ID = newID()
	}
	if err := tx.InsertNotices(ctx, all); err != nil {
		return err
	}
	tasks := make([]Task, len(all))
	for i, n := range all {
		kind := TaskSend
		if n.Kind == NoticeInvited {
			kind = TaskInvite
		}
		tasks[i] = Task{Kind: kind, Key: "send:" + n.Key, Due: n.Due, Payload: []byte(n.Key)}
	}
	return tx.Schedule(ctx, tasks...)
}

func startCause(start time.Time) string { return strconv.FormatInt(start.UnixMicro(), 10) }
