package domain

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
	NoticeAskSent
	NoticeAskAccepted
	NoticeAskWithdrawn
	NoticeAskSuperseded
	NoticeAskFreed
	NoticeAskChanged // the meeting, for whoever comes to it
	NoticeAskMoved   // the meeting, for whoever has not answered yet
	NoticeAskMeetingCancelled
	NoticeProfessionalComes
	NoticeSearchReopened
	NoticeProfessionalLost
	NoticeSwapProposed
	NoticeSwapped
	NoticeSwapLapsed
	NoticePollOpened
	NoticePollClosed
	NoticePollWithoutDate
	NoticeInvited
	NoticeFeedback
	NoticeOrganiserFeedback
	NoticeDeclarationReturned
	NoticeOrganiserReminder
	NoticeBadgeIssued
	NoticeSheetReturned
	NoticeSheetPublished
	NoticeRegistrationLink
)

// Subject is what a notice is about.
type Subject int

// The subjects.
const (
	AboutRegistration Subject = iota + 1
	AboutAsk
	AboutSearch // to the meeting's organiser
	AboutSwap
	AboutPoll // to the members of its group
	AboutInvitation
	AboutMeeting // to its organiser
	AboutBadge   // to its holder
	AboutComing  // to a meeting: to whoever asks to
)

// nature is what is so of every notice of a kind.
type nature struct {
	name    string // as keys and files have it
	subject Subject
	// essential is what one's own seat or meeting depends on: it reaches whoever has unsubscribed.
	essential bool
	// patient waits for the morning.
	patient bool
	// answer follows from the receiver's own doing: there is nothing to unsubscribe from.
	answer bool
}

var natures = map[NoticeKind]nature{
	NoticeConfirmed:        {name: "confirmed", subject: AboutRegistration, essential: true},
	NoticeWaitlisted:       {name: "waitlisted", subject: AboutRegistration, essential: true},
	NoticeOffered:          {name: "offered", subject: AboutRegistration, essential: true},
	NoticeLapsed:           {name: "lapsed", subject: AboutRegistration, essential: true},
	NoticeDeclined:         {name: "declined", subject: AboutRegistration, essential: true},
	NoticeCancelled:        {name: "cancelled", subject: AboutRegistration, essential: true},
	NoticeReminder:         {name: "reminder", subject: AboutRegistration, patient: true},
	NoticeShortReminder:    {name: "short-reminder", subject: AboutRegistration, patient: true},
	NoticeChanged:          {name: "changed", subject: AboutRegistration, patient: true},
	NoticeMeetingCancelled: {name: "meeting-cancelled", subject: AboutRegistration, essential: true},
	NoticeMeetingConfirmed: {name: "meeting-confirmed", subject: AboutRegistration, patient: true},

	NoticeAskSent:             {name: "ask-sent", subject: AboutAsk, patient: true},
	NoticeAskAccepted:         {name: "ask-accepted", subject: AboutAsk, essential: true, answer: true},
	NoticeAskWithdrawn:        {name: "ask-withdrawn", subject: AboutAsk, essential: true, answer: true},
	NoticeAskSuperseded:       {name: "ask-superseded", subject: AboutAsk, patient: true},
	NoticeAskFreed:            {name: "ask-freed", subject: AboutAsk, essential: true},
	NoticeAskChanged:          {name: "ask-changed", subject: AboutAsk, patient: true},
	NoticeAskMoved:            {name: "ask-moved", subject: AboutAsk, patient: true},
	NoticeAskMeetingCancelled: {name: "ask-meeting-cancelled", subject: AboutAsk, essential: true},
	NoticeProfessionalComes:   {name: "professional-comes", subject: AboutSearch, patient: true},
	NoticeSearchReopened:      {name: "search-reopened", subject: AboutSearch, essential: true, patient: true},
	NoticeProfessionalLost:    {name: "professional-lost", subject: AboutSearch, essential: true, patient: true},
	NoticeSwapProposed:        {name: "swap-proposed", subject: AboutSwap, patient: true},
	NoticeSwapped:             {name: "swapped", subject: AboutRegistration, essential: true, answer: true}, // the one that was got
	NoticeSwapLapsed:          {name: "swap-lapsed", subject: AboutSwap, essential: true, patient: true, answer: true},
	NoticePollOpened:          {name: "poll-opened", subject: AboutPoll, patient: true},
	NoticePollClosed:          {name: "poll-closed", subject: AboutPoll, patient: true},
	NoticePollWithoutDate:     {name: "poll-without-date", subject: AboutPoll, patient: true},
	NoticeInvited:             {name: "invited", subject: AboutInvitation, patient: true},
	NoticeFeedback:            {name: "feedback", subject: AboutRegistration, patient: true},
	NoticeOrganiserFeedback:   {name: "organiser-feedback", subject: AboutMeeting, patient: true},
	NoticeDeclarationReturned: {name: "declaration-returned", subject: AboutMeeting, essential: true, patient: true},
	NoticeOrganiserReminder:   {name: "organiser-reminder", subject: AboutMeeting, patient: true},
	NoticeBadgeIssued:         {name: "badge-issued", subject: AboutBadge, patient: true},
	NoticeSheetReturned:       {name: "practice-sheet-returned", subject: AboutMeeting, patient: true},
	NoticeSheetPublished:      {name: "practice-sheet-published", subject: AboutMeeting, patient: true},
	NoticeRegistrationLink:    {name: "registration-link", subject: AboutComing, essential: true, answer: true},
}

// String is the kind's name, as keys and files have it.
func (k NoticeKind) String() string {
	if n, ok := natures[k]; ok {
		return n.name
	}
	return "unspecified"
}

// Subject is what notices of the kind are about; 0 of an unknown kind.
func (k NoticeKind) Subject() Subject { return natures[k].subject }

// Answers reports whether the kind follows from the receiver's own doing.
func (k NoticeKind) Answers() bool { return natures[k].answer }
