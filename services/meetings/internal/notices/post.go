// Package notices writes to people about what concerns them: it reads what holds when a mail is due, puts it into words, and sends it.
package notices

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/jobs"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Post sends the notices of one service.
type Post struct {
	Store    domain.Store
	Contacts Contacts
	Forming  Forming
	Groups   Groups
	Modules  Modules
	Mail     mail.Sender
	Links    link.Key
	BaseURL  string // of the door, as people reach it
	Rate     int    // mails a second at most; 0: as many as can be
	// Calm waits for a moment in which nobody registers, as long as it sees fit.
	Calm  func(ctx context.Context)
	NewID func() string
	Now   domain.Clock
}

// Contacts is whom the mesh says that a mail goes to.
type Contacts interface {
	BatchGetContacts(ctx context.Context, in *meshv1.BatchGetContactsRequest, opts ...grpc.CallOption) (*meshv1.BatchGetContactsResponse, error)
}

// Forming is what the mesh tells this service of who belongs to a group, and who may.
type Forming interface {
	GetInvitation(ctx context.Context, in *meshv1.GetInvitationRequest, opts ...grpc.CallOption) (*meshv1.Invitation, error)
	ListMemberships(ctx context.Context, in *meshv1.ListMembershipsRequest, opts ...grpc.CallOption) (*meshv1.ListMembershipsResponse, error)
}

// Groups is what the mesh says of groups and places to anybody.
type Groups interface {
	GetGroup(ctx context.Context, in *meshv1.GetGroupRequest, opts ...grpc.CallOption) (*meshv1.Group, error)
	GetTerritory(ctx context.Context, in *meshv1.GetTerritoryRequest, opts ...grpc.CallOption) (*meshv1.Territory, error)
	GetPlace(ctx context.Context, in *meshv1.GetPlaceRequest, opts ...grpc.CallOption) (*meshv1.Place, error)
}

// Modules is how the catalogue calls a module.
type Modules interface {
	GetModule(ctx context.Context, in *cataloguev1.GetModuleRequest, opts ...grpc.CallOption) (*cataloguev1.Module, error)
}

// inviting is the part of the rate that is the invitations': thousands are sent at once, and may take an hour.
const inviting = 8

// Kinds are the jobs that Post does.
func (p *Post) Kinds() []jobs.Kind {
	invitations := min(p.Rate, max(p.Rate/inviting, 1))
	return []jobs.Kind{
		{Name: domain.TaskSend, Handle: p.send, GaveUp: p.gaveUp, Rate: min(p.Rate, max(p.Rate-invitations, 1))},
		{Name: domain.TaskInvite, Handle: p.send, GaveUp: p.gaveUp, Rate: invitations, Concurrency: 1},
		{Name: domain.TaskAnnounce, Handle: p.announce, Concurrency: 1},
	}
}

func (p *Post) announce(ctx context.Context, j jobs.Job) error {
	a, err := domain.ReadAnnouncement(j.Payload)
	if err != nil {
		return jobs.Permanent(err)
	}
	return domain.Announce(ctx, p.Store, p, a, p.NewID, p.Now())
}

// send sends a notice, unless it was sent before or there is no reason to any more.
func (p *Post) send(ctx context.Context, j jobs.Job) error {
	p.Calm(ctx)
	m, err := p.matter(ctx, string(j.Payload))
	switch {
	case err != nil && errs.From(err).Kind == errs.NotFound:
		return jobs.Permanent(err)
	case err != nil:
		return err
	case m.State != domain.NoticePending:
		return nil // sent, and killed before that was known here
	}
	decision := m.Decide(p.Now())
	switch {
	case decision.Drop != "":
		return p.end(ctx, j, m, domain.NoticeDropped, decision.Drop)
	case !decision.Wait.IsZero():
		return jobs.Later(decision.Wait)
	}
	letter, err := p.write(ctx, m)
	if err != nil {
		return err
	}
	if letter == nil {
		return p.end(ctx, j, m, domain.NoticeDropped, domain.ReasonNoAddress)
	}
	if err := p.Mail.Send(ctx, *letter); err != nil {
		if errors.Is(err, mail.ErrRefused) {
			return jobs.Permanent(err)
		}
		return err
	}
	// From here until this is committed a crash sends the mail again, under the same Message-ID. Nothing else is done in between.
	return p.end(context.WithoutCancel(ctx), j, m, domain.NoticeSent, "")
}

// matter is a notice with all that decides whether it is sent.
func (p *Post) matter(ctx context.Context, key string) (domain.Matter, error) {
	m, err := domain.ReadMatter(ctx, p.Store, key)
	if err != nil || m.State != domain.NoticePending || m.Kind.Subject() != domain.AboutInvitation {
		return m, err
	}
	m.Invitation, err = p.invitation(ctx, m.SubjectID)
	return m, err
}

// invitation is how an invitation stands, and the group that invites.
func (p *Post) invitation(ctx context.Context, id string) (none domain.Invitation, err error) {
	i, err := p.Forming.GetInvitation(ctx, &meshv1.GetInvitationRequest{Id: id})
	if status.Code(err) == codes.NotFound {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("mesh: invitation: %w", rpc.FromStatus(err))
	}
	g, err := p.Groups.GetGroup(ctx, &meshv1.GetGroupRequest{Id: i.GetGroupId()})
	if err != nil {
		return none, fmt.Errorf("mesh: group: %w", rpc.FromStatus(err))
	}
	return domain.Invitation{
		ModuleID: g.GetModuleId(), PlaceID: g.GetPlaceId(), CommuneCode: g.GetCommuneCode(), Members: int(g.GetMemberCount()),
		Open:     i.GetState() == meshv1.InvitationState_INVITATION_STATE_SENT,
		SendTime: i.GetCreateTime().AsTime(), Expires: i.GetExpireTime().AsTime(),
	}, nil
}

// end keeps what became of a notice, and that its job is done, as one commit.
func (p *Post) end(ctx context.Context, j jobs.Job, m domain.Matter, state domain.NoticeState, reason string) error {
	err := p.Store.Write(ctx, func(tx domain.Tx) error {
		if err := domain.EndNotice(ctx, tx, m, state, reason, p.Now()); err != nil {
			return err
		}
		return tx.FinishTask(ctx, j.ID, j.Lease)
	})
	if err != nil {
		return err
	}
	return jobs.ErrFinished
}

// gaveUp says on the notice what became of it.
func (p *Post) gaveUp(ctx context.Context, j jobs.Job, reason error) error {
	n, err := p.Store.Notice(ctx, string(j.Payload))
	if errors.Is(err, domain.ErrNoticeNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	why := domain.ReasonGivenUp
	if errors.Is(reason, mail.ErrRefused) {
		why = domain.ReasonRefused
	}
	return p.Store.Write(ctx, func(tx domain.Tx) error {
		return domain.EndNotice(ctx, tx, domain.Matter{Notice: n}, domain.NoticeFailed, why, p.Now())
	})
}

// write makes the mail, or none when nobody knows where to write to.
func (p *Post) write(ctx context.Context, m domain.Matter) (*mail.Message, error) {
	if m.Addressee.PersonID == "" {
		return nil, nil
	}
	found, err := p.contact(ctx, m.Addressee.PersonID)
	if err != nil || found.GetEmail() == "" {
		return nil, err
	}
	s, err := p.look(ctx, subjectMatter{Matter: m, contact: found})
	if err != nil {
		return nil, err
	}
	return p.compose(s)
}

// look adds what others call things.
func (p *Post) look(ctx context.Context, s subjectMatter) (_ subjectMatter, err error) {
	if s.place, err = p.place(ctx, s.Meeting.PlaceID); err != nil {
		return s, err
	}
	if was := s.Addressee.Told.PlaceID; s.changed() && was != s.Terms().PlaceID {
		if s.formerPlace, err = p.place(ctx, was); err != nil {
			return s, err
		}
	}
	if s.otherPlace, err = p.place(ctx, s.Other.PlaceID); err != nil {
		return s, err
	}
	if s.Kind == domain.NoticeProfessionalComes {
		who, err := p.contact(ctx, s.Search.PersonID)
		if err != nil {
			return s, err
		}
		s.professional = mail.Line(who.GetName())
	}
	switch {
	case s.Kind.Subject() == domain.AboutInvitation:
		return p.lookAtGroup(ctx, s)
	case s.title() == "" && s.Poll.GroupID != "":
		g, err := p.Groups.GetGroup(ctx, &meshv1.GetGroupRequest{Id: s.Poll.GroupID})
		if err != nil {
			return s, fmt.Errorf("mesh: group: %w", rpc.FromStatus(err))
		}
		s.module, err = p.module(ctx, g.GetModuleId())
		return s, err
	}
	return s, nil
}

// lookAtGroup adds where the group that invites meets, and for what.
func (p *Post) lookAtGroup(ctx context.Context, s subjectMatter) (_ subjectMatter, err error) {
	if s.place, err = p.place(ctx, s.Invitation.PlaceID); err != nil {
		return s, err
	}
	commune, err := p.Groups.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: s.Invitation.CommuneCode})
	if err != nil {
		return s, fmt.Errorf("mesh: commune: %w", rpc.FromStatus(err))
	}
	s.commune = mail.Line(commune.GetName())
	s.module, err = p.module(ctx, s.Invitation.ModuleID)
	return s, err
}

func (p *Post) module(ctx context.Context, id string) (string, error) {
	m, err := p.Modules.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: id})
	if err != nil {
		return "", fmt.Errorf("catalogue: module: %w", rpc.FromStatus(err))
	}
	return m.GetTitle(), nil
}

// Members are the persons who are in a group.
func (p *Post) Members(ctx context.Context, groupID string) (persons []string, err error) {
	found, err := p.Forming.ListMemberships(ctx, &meshv1.ListMembershipsRequest{GroupId: groupID})
	if err != nil {
		return nil, fmt.Errorf("mesh: members: %w", rpc.FromStatus(err))
	}
	for _, m := range found.GetMemberships() {
		persons = append(persons, m.GetPersonId())
	}
	return persons, nil
}

// contact is a person's contact; nil when the mesh knows none.
func (p *Post) contact(ctx context.Context, personID string) (*meshv1.Contact, error) {
	found, err := p.Contacts.BatchGetContacts(ctx, &meshv1.BatchGetContactsRequest{PersonIds: []string{personID}})
	if err != nil {
		return nil, fmt.Errorf("mesh: contact: %w", rpc.FromStatus(err))
	}
	if len(found.GetContacts()) == 0 {
		return nil, nil
	}
	return found.GetContacts()[0], nil
}

// place is a place's name; empty when there is none, or it is no longer known.
func (p *Post) place(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	found, err := p.Groups.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: id})
	if status.Code(err) == codes.NotFound {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("mesh: place: %w", rpc.FromStatus(err))
	}
	return mail.Line(found.GetName()), nil
}

// unsubscribeFor is how long after the meeting a mail's link still ends such mails.
const unsubscribeFor = 365 * 24 * time.Hour

func (p *Post) link(path string, c link.Claim) string { return p.BaseURL + path + p.Links.Sign(c) }

func (p *Post) unsubscribe(s subjectMatter) string {
	end := s.Meeting.End
	if s.Meeting.ID == "" {
		end, _ = s.until()
	}
	return p.link("/unsubscribe/", link.Claim{
		Action: domain.LinkUnsubscribe, Resource: "notices", PersonID: s.Addressee.PersonID, Expires: end.Add(unsubscribeFor),
	})
}

// does is a link by which the receiver acts on what the notice is about, until an instant.
func (p *Post) does(s subjectMatter, action string, until time.Time) string {
	return p.link("/l/", link.Claim{Action: action, Resource: s.SubjectID, PersonID: s.Addressee.PersonID, Expires: until})
}
