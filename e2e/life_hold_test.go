package e2e

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// hold has the first meeting take place: reminders, the kit handed out, attendance, both signatures, the practice sheet, what everyone
// takes home.
func (l *life) hold() {
	l.pass("announce:reminder:"+l.first.GetId(), "announce:short-reminder:"+l.first.GetId())
	for _, who := range l.in(l.first, confirmed) {
		l.owe(who, "REMINDER", l.first)
		l.owe(who, "SHORT_REMINDER", l.first)
	}
	l.owe(l.organiser, "ORGANISER_REMINDER", l.first)
	l.rest()
	loans := &meetingsv1.ListLoansResponse{}
	l.get(l.relay, "/v1/loans?state=LOAN_STATE_RESERVED&meetingId="+l.first.GetId(), loans)
	if len(loans.GetLoans()) != 1 {
		l.t.Fatalf("%v", loans)
	}
	loan := loans.GetLoans()[0]
	l.post(l.relay, "/v1/loans/"+loan.GetId()+":handOut", &meetingsv1.HandOutLoanRequest{}, loan)
	l.bringForward()
	l.attend()
	l.sign()
	l.prove()
	l.share()
	l.post(l.relay, "/v1/loans/"+loan.GetId()+":return", &meetingsv1.ReturnLoanRequest{
		Condition: &meetingsv1.ReturnCondition{Good: lifeRobots - 1, Damaged: 1}, Note: "Une roue cassée",
	}, loan)
	kit := &meetingsv1.Equipment{}
	l.get(l.relay, "/v1/equipment/"+l.kit, kit)
	if loan.GetState() != meetingsv1.LoanState_LOAN_STATE_RETURNED || kit.GetUnusableQuantity() != 1 {
		l.t.Fatalf("%v, %v", loan, kit)
	}
	l.post(l.organiser, of(l.first, ":close"), &meetingsv1.CloseMeetingRequest{}, l.first)
}

// bringForward moves the meeting to a moment from now, as two weeks cannot be waited for. A death may last longer than the moment.
func (l *life) bringForward() {
	for reason := "START_IN_PAST"; reason != ""; {
		start := time.Now().Add(2 * time.Second)
		reason = l.request(l.organiser, http.MethodPatch, of(l.first, "?updateMask=start_time,end_time"), &meetingsv1.Meeting{
			StartTime: timestamppb.New(start), EndTime: timestamppb.New(start.Add(lifeMeeting)),
		}, l.first)
		if reason != "" && !strings.HasPrefix(reason, "START_IN_PAST") {
			l.t.Fatal(reason)
		}
	}
}

// attend has everybody come who has a seat, but one. They say so in three ways: with the code on the screen, on a sheet that was taken
// along, on the organiser's sheet; the code and the sheet taken along contradict each other about one of them.
func (l *life) attend() {
	came := l.in(l.first, confirmed)
	l.checkIn(came[1])
	l.checkIn(came[2])
	line := func(who *someone) *meetingsv1.OfflineAttendance {
		return &meetingsv1.OfflineAttendance{
			RegistrationId: l.seat(l.first, who).GetId(), State: meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT, SaidTime: l.first.GetStartTime(),
		}
	}
	absent := line(came[2])
	absent.State = meetingsv1.RegistrationState_REGISTRATION_STATE_ABSENT
	merge := &meetingsv1.MergeAttendanceRequest{Lines: []*meetingsv1.OfflineAttendance{line(came[1]), absent, line(came[3])}}
	merged := &meetingsv1.MergeAttendanceResponse{}
	for again := range 2 {
		l.begun(of(l.first, ":mergeAttendance"), merge, merged)
		if c := merged.GetConflicts(); int(merged.GetMergedCount()) != 1-again || len(c) != 1 || c[0].GetCurrent().GetPersonId() != came[2].id {
			l.t.Fatalf("%v", merged)
		}
	}
	l.post(l.organiser, of(l.first, ":recordAttendance"), l.sheet(came), l.first)
	changes := &meetingsv1.ListAttendanceChangesResponse{}
	l.get(came[2], of(l.first, "/attendanceChanges"), changes)
	if all := changes.GetChanges(); len(all) != 3 || all[0].GetWay() != meetingsv1.AttendanceWay_ATTENDANCE_WAY_CODE || !all[1].GetDisputed() || all[2].GetReason() == "" {
		l.t.Fatalf("%v", changes)
	}
}

// sheet is what the organiser says of everyone: the first did not come, and the sheet taken along was wrong about the third.
func (l *life) sheet(came []*someone) *meetingsv1.RecordAttendanceRequest {
	out := &meetingsv1.RecordAttendanceRequest{}
	for i, who := range came {
		line := &meetingsv1.Attendance{RegistrationId: l.seat(l.first, who).GetId(), State: meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT}
		switch i {
		case 0:
			line.State = meetingsv1.RegistrationState_REGISTRATION_STATE_ABSENT
		case 2:
			line.Reason = "Assis au deuxième rang"
		}
		out.Attendances = append(out.Attendances, line)
	}
	return out
}

// checkIn types the code that the organiser's screen shows; a death may last longer than a code.
func (l *life) checkIn(who *someone) {
	shown, seat := &meetingsv1.CheckInCode{}, &meetingsv1.Registration{}
	for reason := "CODE_EXPIRED"; reason != ""; {
		l.get(l.organiser, of(l.first, "/checkInCode"), shown)
		reason = l.request(who, http.MethodPost, of(l.first, ":checkIn"), &meetingsv1.CheckInRequest{Code: shown.GetCode()}, seat)
		if reason != "" && !strings.HasPrefix(reason, "CODE_EXPIRED") {
			l.t.Fatal(reason)
		}
	}
	if seat.GetState() != meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT {
		l.t.Fatalf("%v", seat)
	}
}

// begun asks until the meeting has begun.
func (l *life) begun(path string, in, out proto.Message) {
	testkit.Poll(l.t, patience, func() bool {
		reason := l.request(l.organiser, http.MethodPost, path, in, out)
		if reason != "" && !strings.HasPrefix(reason, "NOT_BEGUN") && !strings.HasPrefix(reason, "SAID_TIME") {
			l.t.Fatal(reason)
		}
		return reason == ""
	}, "the meeting to begin")
}

// sign has the organiser declare, a coordinator countersign, and everyone who was there hold a proof of it.
func (l *life) sign() {
	l.report()
	l.post(l.organiser, of(l.first, ":declare"), &meetingsv1.DeclareMeetingRequest{}, l.first)
	l.post(l.coordinator, of(l.first, ":returnDeclaration"), &meetingsv1.ReturnDeclarationRequest{Reason: "Précisez qui animait"}, l.first)
	returns := &meetingsv1.ListDeclarationReturnsResponse{}
	l.get(l.organiser, of(l.first, "/declarationReturns"), returns)
	if all := returns.GetReturns(); len(all) != 1 || all[0].GetReason() != "Précisez qui animait" || l.first.GetState() != meetingsv1.MeetingState_MEETING_STATE_CONFIRMED {
		l.t.Fatalf("%v, %v", returns, l.first)
	}
	l.owe(l.organiser, "DECLARATION_RETURNED", l.first)
	testkit.Poll(l.t, patience, func() bool {
		return slices.ContainsFunc(l.notices(), func(n *meetingsv1.Notice) bool {
			return n.GetKind() == meetingsv1.NoticeKind_NOTICE_KIND_DECLARATION_RETURNED && n.GetState() == meetingsv1.NoticeState_NOTICE_STATE_SENT
		})
	}, "the organiser to hear of the return")
	l.post(l.organiser, of(l.first, "/minutes:reopen"), &meetingsv1.ReopenMinutesRequest{Reason: "Qui animait"}, nil)
	l.report()
	l.post(l.organiser, of(l.first, ":declare"), &meetingsv1.DeclareMeetingRequest{}, l.first)
	l.starts[l.first.GetStartTime().AsTime().Truncate(time.Minute)] = l.first
	for _, who := range l.in(l.first, confirmed)[1:] { // one was absent
		l.owe(who, "FEEDBACK", l.first)
	}
	l.owe(l.organiser, "ORGANISER_FEEDBACK", l.first)
	if reason := l.request(l.organiser, http.MethodPost, of(l.first, ":countersign"), &meetingsv1.CountersignMeetingRequest{}, nil); !strings.HasPrefix(reason, "NOT_PERMITTED") {
		l.t.Fatalf("the organiser attests alone: %q", reason)
	}
	signed := &meetingsv1.CountersignMeetingResponse{}
	l.post(l.coordinator, of(l.first, ":countersign"), &meetingsv1.CountersignMeetingRequest{}, signed)
	if signed.GetAttestationCount() != lifeSeats { // one was absent, and the organiser has a part too
		l.t.Fatalf("%v", signed)
	}
	for i, who := range append([]*someone{l.organiser}, l.in(l.first, confirmed)...) {
		own, want := &meetingsv1.ListAttestationsResponse{}, 1
		if i == 1 {
			want = 0
		}
		l.get(who, "/v1/attestations", own)
		if len(own.GetAttestations()) != want {
			l.t.Fatalf("%s holds %v; want %d", who.name, own, want)
		}
		for _, a := range own.GetAttestations() {
			verdict := &meetingsv1.VerifyAttestationResponse{}
			l.post(nil, "/v1/attestations:verify", &meetingsv1.VerifyAttestationRequest{Credential: a.GetCredential()}, verdict)
			if !verdict.GetValid() || verdict.GetClaims().GetPersonId() != who.id {
				l.t.Fatalf("%s: %v", who.name, verdict)
			}
		}
	}
}

// report writes and closes the minutes, without which nothing is declared.
func (l *life) report() {
	said := &meetingsv1.Minutes{}
	l.must(l.organiser, http.MethodPut, of(l.first, "/minutes"), &meetingsv1.Minutes{
		Modality:     meetingsv1.MeetingMode_MEETING_MODE_IN_PERSON,
		Participants: []*meetingsv1.ParticipantCount{{Category: meetingsv1.ParticipantCategory_PARTICIPANT_CATEGORY_PRIMARY_TEAM, Count: lifeSeats}},
	}, said)
	if reason := l.request(l.organiser, http.MethodPost, of(l.first, ":declare"), &meetingsv1.DeclareMeetingRequest{}, nil); !strings.HasPrefix(reason, "MINUTES_NOT_CLOSED") {
		l.t.Fatalf("declared before the minutes are closed: %q", reason)
	}
	l.post(l.organiser, of(l.first, "/minutes:close"), &meetingsv1.CloseMinutesRequest{}, said)
}

// end waits until nothing is under way any more: whoever registers last is written to after all that happened before was heard. Then the
// services must agree, and nothing be half-done.
func (l *life) end() {
	l.pass("announce:changed:" + l.first.GetId()) // it is over: nobody is told of the last move
	l.register(l.elsewhere, l.learners[0], confirmed, 0)
	l.rest()
	testkit.Poll(l.t, patience, func() bool {
		l.revive()
		return l.waiting(`kind = 'notices.send'`) == 0
	}, "no mail to be waited for")
	l.spare()
	l.revive()
	l.await()
	tables := l.store.open(l.t, false)
	defer tables.close()
	b := &books{t: l.t, tables: tables}
	defer func() {
		for _, wrong := range b.wrong {
			l.t.Error(wrong)
		}
	}()
	testkit.Poll(l.t, settling, func() bool {
		b.coherent()
		return len(b.wrong) == 0
	}, "the services to agree")
}
