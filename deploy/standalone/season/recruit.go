package season

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// open opens a campaign of this run's own, so that nobody else's doings change its figures.
func (s *season) open(ctx context.Context) (err error) {
	for _, role := range []struct {
		persona string
		who     **person
	}{{"national", &s.national}, {"coordinator", &s.coordinator}, {"organiser", &s.facilitator}} {
		if *role.who, err = s.hire(ctx, role.persona, role.persona); err != nil {
			return err
		}
	}
	modules := &cataloguev1.ListModulesResponse{}
	if err := s.get(ctx, nil, "/v1/modules", nil, modules); err != nil {
		return err
	}
	if len(modules.GetModules()) == 0 {
		return errors.New("le catalogue est vide")
	}
	s.module = modules.GetModules()[0]
	s.campaign = &meshv1.Campaign{}
	wish := &meshv1.Campaign{Title: "Saison " + s.run + " (données synthétiques)", TerritoryCode: s.Territory}
	if err := s.post(ctx, s.national, "/v1/campaigns", wish, s.campaign); err != nil {
		return err
	}
	s.say("  campagne %s dans %s, module « %s »", s.campaign.GetId(), s.Territory, s.module.GetTitle())
	s.before, err = s.rows(ctx)
	return err
}

// register lets each learner enrol in the module, complete its first step and say from where they come.
func (s *season) register(ctx context.Context) error {
	s.learners = make([]*person, s.Learners)
	numbers := make([]int, s.Learners)
	for i := range numbers {
		numbers[i] = i
	}
	err := each(ctx, numbers, func(ctx context.Context, i int) (err error) {
		s.learners[i], err = s.hire(ctx, "learner", fmt.Sprintf("learner-%04d", i))
		return err
	})
	if err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := each(ctx, s.learners, s.wish); err != nil {
		return err
	}
	for _, p := range s.learners {
		s.byID[p.id] = p
	}
	if err := expect("personnes distinctes", len(s.byID), s.Learners); err != nil {
		return err
	}
	s.say("  %d personnes inscrites", len(s.learners))
	return nil
}

func (s *season) wish(ctx context.Context, p *person) error {
	enrolment := &cataloguev1.Enrolment{}
	wanted := &cataloguev1.Enrolment{ModuleId: s.module.GetId(), Level: cataloguev1.Level_LEVEL_TRAINING}
	if err := s.post(ctx, p, "/v1/enrolments", wanted, enrolment); err != nil {
		return err
	}
	step := &cataloguev1.CompleteStepRequest{StepId: s.module.GetSteps()[0].GetId()}
	if err := s.post(ctx, p, "/v1/enrolments/"+enrolment.GetId()+":completeStep", step, enrolment); err != nil {
		return err
	}
	if err := expect("étapes suivies", len(enrolment.GetCompletedStepIds()), 1); err != nil {
		return err
	}
	p.interest = &meshv1.Interest{}
	return s.post(ctx, p, "/v1/interests", &meshv1.Interest{
		CommuneCode: p.commune, ModuleId: s.module.GetId(), CampaignId: s.campaign.GetId(),
	}, p.interest)
}

// group forms the groups and checks that nobody was lost, doubled or sent too far.
func (s *season) group(ctx context.Context) error {
	formed := &meshv1.FormGroupsResponse{}
	err := s.post(ctx, s.coordinator, "/v1/campaigns/"+s.campaign.GetId()+":formGroups",
		&meshv1.FormGroupsRequest{ModuleId: s.module.GetId()}, formed)
	if err != nil {
		return err
	}
	s.leftOut = map[meshv1.LeftOutReason]int{}
	for _, l := range formed.GetLeftOut() {
		s.leftOut[l.GetReason()]++
	}
	seen := map[string]bool{}
	for _, g := range formed.GetGroups() {
		c, err := s.gather(ctx, g, seen)
		if err != nil {
			return err
		}
		s.circles = append(s.circles, c)
	}
	if err := expect("personnes en groupe ou listées", len(seen)+len(formed.GetLeftOut()), s.Learners); err != nil {
		return err
	}
	if len(s.circles) == 0 {
		return errors.New("aucun groupe")
	}
	s.say("  %d groupes, %d personnes ; %d sans groupe %v", len(s.circles), len(seen), len(formed.GetLeftOut()), s.leftOut)
	return nil
}

func (s *season) gather(ctx context.Context, g *meshv1.Group, seen map[string]bool) (*circle, error) {
	const smallest, largest, reach = 5, 25, 30000
	page := &meshv1.ListGroupMembersResponse{}
	if err := s.get(ctx, s.coordinator, "/v1/groups/"+g.GetId()+"/members", url.Values{"pageSize": {"100"}}, page); err != nil {
		return nil, err
	}
	c := &circle{group: g}
	for _, m := range page.GetMembers() {
		p := s.byID[m.GetPersonId()]
		switch {
		case p == nil:
			return nil, fmt.Errorf("groupe %s : %s n'est pas de cette saison", g.GetId(), m.GetPersonId())
		case seen[p.id]:
			return nil, fmt.Errorf("groupe %s : %s est dans deux groupes", g.GetId(), p.id)
		case m.GetDistanceMetres() > reach:
			return nil, fmt.Errorf("groupe %s : %s vient de %d m", g.GetId(), p.id, m.GetDistanceMetres())
		}
		seen[p.id] = true
		c.members = append(c.members, p)
	}
	if n := len(c.members); n < smallest || n > largest {
		return nil, fmt.Errorf("groupe %s : %d personnes", g.GetId(), n)
	}
	return c, expect("membres du groupe "+g.GetId(), int(g.GetMemberCount()), len(c.members))
}

// organise co-opts every other organiser among the members, and has the others trained by one who knows.
func (s *season) organise(ctx context.Context) error {
	for i, c := range s.circles {
		c.origin = meshv1.OrganiserOrigin(1 + i%2)
		c.organiser = c.members[0]
	}
	if err := each(ctx, s.circles, s.charge); err != nil {
		return err
	}
	edges, err := s.lineage(ctx)
	if err != nil {
		return err
	}
	if err := expect("liens de filiation", len(edges), len(s.circles)); err != nil {
		return err
	}
	contaminated := 0
	for _, e := range edges {
		if e.GetFromPersonId() == s.facilitator.id {
			contaminated++
		}
	}
	s.say("  %d organisateurs : %d cooptés, %d par contamination", len(edges), len(edges)-contaminated, contaminated)
	return expect("organisateurs par contamination", contaminated, len(s.circles)/2)
}

func (s *season) charge(ctx context.Context, c *circle) error {
	proposer := c.organiser
	if c.origin == meshv1.OrganiserOrigin_ORGANISER_ORIGIN_CONTAMINATION {
		proposer = s.facilitator
	}
	proposal := &meshv1.Organiser{}
	err := s.post(ctx, proposer, "/v1/organisers", &meshv1.Organiser{GroupId: c.group.GetId(), PersonId: c.organiser.id, Origin: c.origin}, proposal)
	if err != nil {
		return err
	}
	if err := s.post(ctx, c.organiser, "/v1/organisers/"+proposal.GetId()+":accept", &meshv1.AcceptOrganiserRequest{}, proposal); err != nil {
		return err
	}
	return s.get(ctx, nil, "/v1/groups/"+c.group.GetId(), nil, c.group)
}

func (s *season) lineage(ctx context.Context) ([]*meshv1.LineageEdge, error) {
	page := &meshv1.ListLineageEdgesResponse{}
	err := s.get(ctx, s.coordinator, "/v1/lineageEdges", url.Values{"campaignId": {s.campaign.GetId()}, "pageSize": {"500"}}, page)
	return page.GetLineageEdges(), err
}

// eventually reads a projection until it agrees, since events take a moment.
func eventually(ctx context.Context, within time.Duration, read func() error) error {
	deadline := time.Now().Add(within)
	for {
		err := read()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
