package gateway

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// linkQuestion is one of the things that a form asks, such as one of a poll's dates.
type linkQuestion struct {
	Name, Text, Note string
	Choices          []linkChoice
}

type linkChoice struct {
	Value, Label string
	Chosen       bool
}

// pollAnswers are what the form says for each answer.
var pollAnswers = map[string]meetingsv1.PollAnswer{
	"yes": meetingsv1.PollAnswer_POLL_ANSWER_YES, "perhaps": meetingsv1.PollAnswer_POLL_ANSWER_IF_NEED_BE, "no": meetingsv1.PollAnswer_POLL_ANSWER_NO,
}

func optionName(position int32) string { return "option-" + strconv.Itoa(int(position)) }

// viewPoll is about the dates of a poll: people may change their minds until it closes.
func (l *mailLink) viewPoll(ctx context.Context, p *meetingsv1.LinkPreview, lang tongue, followed bool) linkView {
	poll := p.GetPoll()
	about := linkFact{lang.say("Meeting", "Temps de rencontre"), l.pollTitle(ctx, p)}
	var facts []linkFact
	if about.Value != "" {
		facts = append(facts, about)
	}
	if p.GetState() != meetingsv1.LinkState_LINK_STATE_READY {
		return closedPoll(poll, facts, lang)
	}
	facts = append(facts, linkFact{lang.say("Vote until", "Vote jusqu'au"), lang.time(poll.GetCloseTime(), poll.GetTimeZone())})
	v := linkView{
		Heading: lang.say("Which dates suit you?", "Quelles dates vous conviennent ?"),
		Texts: []string{lang.say("Only the numbers of answers are shown, never who answered what. You may change your answers until the vote closes.",
			"Seul le nombre des réponses est montré, jamais qui a répondu quoi. Vous pouvez changer vos réponses jusqu'à la fin du vote.")},
		Parts: []linkPart{{Facts: facts}},
		Form: &linkForm{
			Button: lang.say("Vote", "Voter"), Unanswered: lang.say("Answer at least one date.", "Répondez à une date au moins."),
		},
	}
	if len(p.GetVotes()) > 0 {
		v.Form.Button = lang.say("Change my answers", "Changer mes réponses")
	}
	if followed {
		v.Heading = lang.say("Your answers are noted", "Vos réponses sont notées")
	}
	mine := map[int32]meetingsv1.PollAnswer{}
	for _, vote := range p.GetVotes() {
		mine[vote.GetOption()] = vote.GetAnswer()
	}
	for _, o := range poll.GetOptions() {
		v.Form.Questions = append(v.Form.Questions, date(o, poll.GetTimeZone(), mine[o.GetPosition()], lang))
	}
	return v
}

func date(o *meetingsv1.PollOption, zone string, mine meetingsv1.PollAnswer, lang tongue) linkQuestion {
	d := linkQuestion{
		Name: optionName(o.GetPosition()), Text: lang.time(o.GetStartTime(), zone),
		Note: lang.say("So far: ", "Pour l'instant : ") + lang.choose(
			fmt.Sprintf("%d\u00a0yes, %d\u00a0if need be, %d\u00a0no", o.GetYesCount(), o.GetIfNeedBeCount(), o.GetNoCount()),
			fmt.Sprintf("%d\u00a0oui, %d\u00a0si besoin, %d\u00a0non", o.GetYesCount(), o.GetIfNeedBeCount(), o.GetNoCount())),
	}
	for _, c := range []linkChoice{
		{Value: "yes", Label: lang.say("Yes", "Oui")},
		{Value: "perhaps", Label: lang.say("If need be", "Si besoin")},
		{Value: "no", Label: lang.say("No", "Non")},
	} {
		c.Chosen = pollAnswers[c.Value] == mine
		d.Choices = append(d.Choices, c)
	}
	return d
}

// closedPoll says which date was chosen, or that none is yet.
func closedPoll(poll *meetingsv1.Poll, facts []linkFact, lang tongue) linkView {
	v := linkView{
		Heading: lang.say("The vote is over", "Le vote est terminé"),
		Texts: []string{lang.say("The date is not chosen yet; you will hear of it. You have nothing to do.",
			"La date n'est pas encore choisie ; elle vous sera annoncée. Vous n'avez rien à faire.")},
		over: true,
	}
	for _, o := range poll.GetOptions() {
		if o.GetPosition() == poll.GetChosenOption() {
			v.Heading = lang.say("The date is chosen", "La date est choisie")
			v.Texts = []string{lang.say("The vote is over. Thank you for your answers.", "Le vote est terminé. Merci de vos réponses.")}
			facts = append(facts, linkFact{lang.say("When", "Quand"), lang.time(o.GetStartTime(), poll.GetTimeZone())})
		}
	}
	v.Parts = []linkPart{{Facts: facts}}
	return v
}

// pollTitle is what the meeting is called, or is to be: as the poll says, or after the group's module.
func (l *mailLink) pollTitle(ctx context.Context, p *meetingsv1.LinkPreview) string {
	if m := p.GetMeeting(); m != nil {
		return title(m)
	}
	if t := p.GetPoll().GetTitle(); t != "" {
		return t
	}
	group, err := l.mesh.GetGroup(ctx, &meshv1.GetGroupRequest{Id: p.GetPoll().GetGroupId()})
	if err != nil {
		return ""
	}
	return l.module(ctx, group.GetModuleId())
}

// vote sends the answers that the form holds. The poll's id stands in the token, where only its service reads it.
func (l *mailLink) vote(ctx context.Context, token string, form url.Values) error {
	p, err := l.meetings.PreviewLink(ctx, &meetingsv1.PreviewLinkRequest{Token: token})
	if err != nil {
		return err
	}
	req := &meetingsv1.VoteRequest{Id: p.GetPoll().GetId(), LinkToken: token}
	for _, o := range p.GetPoll().GetOptions() {
		if said := form.Get(optionName(o.GetPosition())); said != "" {
			req.Votes = append(req.Votes, &meetingsv1.Vote{Option: o.GetPosition(), Answer: pollAnswers[said]})
		}
	}
	_, err = l.polls.Vote(ctx, req)
	return err
}
