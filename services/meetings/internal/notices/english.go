package notices

import (
	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var english = words{
	language: "en", time: prose.EnglishTime,
	greeting: "Hello {name},", stranger: "Hello,",
	when: "When", was: "Instead of", end: "End", where: "Place", cause: "Reason", remote: "remote",
	accept: "Take the seat", decline: "Leave the seat", leave: "Give my seat back",
	calendar: "The attached invitation brings your calendar up to date.",
	event:    "Meeting: {module}",
	footer:   "You receive this mail on account of your registration for this meeting.",

	unsubscribe: "No more reminders and changes",
	causes: map[domain.CancelCause]string{
		domain.OrganiserAway: "The organiser cannot come.", domain.PlaceUnavailable: "The place is not available.",
		domain.TooFewRegistrations: "Too few people had registered.", domain.NoProfessional: "No professional could come.",
		domain.WeatherOrTransport: "The weather or the transports do not allow it.", domain.HealthRisk: "A health reason prevents it.",
	},
	phrases: map[domain.NoticeKind]phrase{
		domain.NoticeConfirmed: {"Your seat is confirmed: {module}",
			`Your seat at the meeting "{module}" is confirmed.`},
		domain.NoticeWaitlisted: {"Waiting list: {module}",
			`Every seat at the meeting "{module}" is taken. You are in the waiting list, in the order of arrival: a mail will tell you as soon as a seat is free for you.`},
		domain.NoticeOffered: {"A seat is free: {module}",
			`A seat has become free at the meeting "{module}". It is kept for you until {until}; then it is offered to the next in line.`},
		domain.NoticeLapsed: {"Seat offered to somebody else: {module}",
			`The seat that was offered to you at the meeting "{module}" was not answered in time: it has gone to the next in line. You may register again.`},
		domain.NoticeDeclined: {"You have left the seat: {module}",
			`You have left the seat that was offered to you at the meeting "{module}". You may register again.`},
		domain.NoticeCancelled: {"Your registration is cancelled: {module}",
			`Your registration for the meeting "{module}" is cancelled; nobody else's is. If you did not ask for it, register again.`},
		domain.NoticeReminder: {"Reminder: {module}",
			`The meeting "{module}" is near. If you cannot come, give your seat back: somebody may be waiting for it.`},
		domain.NoticeShortReminder: {"Soon: {module}",
			`The meeting "{module}" begins within two hours.`},
		domain.NoticeChanged: {"Change: {module}",
			`The meeting "{module}" has changed. Your registration still holds; if the change does not suit you, give your seat back.`},
		domain.NoticeMeetingCancelled: {"Cancelled: {module}",
			`The meeting "{module}", planned for {date}, will not take place.`},
		domain.NoticeMeetingConfirmed: {"It is confirmed: {module}",
			`The meeting "{module}" will take place.`},
	},
}
