package season

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"text/tabwriter"
)

// Report is season.json: what was made, for checks from outside. Its persons are synthetic.
type Report struct {
	Campaign  string           `json:"campaign"`
	Territory string           `json:"territory"`
	Learners  int              `json:"learners"`
	LeftOut   int              `json:"leftOut"`
	Groups    []GroupReport    `json:"groups"`
	Computed  map[string]int64 `json:"indicators"`
}

// GroupReport is a group with its meetings.
type GroupReport struct {
	ID        string          `json:"id"`
	Place     string          `json:"place"`
	Organiser string          `json:"organiser"`
	Members   []string        `json:"members"`
	Meetings  []MeetingReport `json:"meetings"`
}

// MeetingReport is a meeting with who took a seat, who came and the credentials issued.
type MeetingReport struct {
	ID            string            `json:"id"`
	Registrations []string          `json:"registrations"`
	Present       []string          `json:"present"`
	Credentials   map[string]string `json:"credentials"` // by attestation id
}

func (s *season) report() Report {
	r := Report{Campaign: s.campaign.GetId(), Territory: s.Territory, Learners: s.Learners, Computed: map[string]int64{}}
	for _, n := range s.leftOut {
		r.LeftOut += n
	}
	for _, c := range s.circles {
		g := GroupReport{ID: c.group.GetId(), Place: c.group.GetPlaceId(), Organiser: c.organiser.id}
		for _, m := range c.members {
			g.Members = append(g.Members, m.id)
		}
		for _, m := range c.meetings {
			g.Meetings = append(g.Meetings, m.report())
		}
		r.Groups = append(r.Groups, g)
	}
	for _, row := range s.after {
		if row.value != nil {
			r.Computed[row.id] = *row.value
		}
	}
	return r
}

func (g *gathering) report() MeetingReport {
	r := MeetingReport{ID: g.meeting.GetId(), Credentials: map[string]string{}}
	for id, seat := range g.seats {
		r.Registrations = append(r.Registrations, seat.GetId())
		if g.present[id] {
			r.Present = append(r.Present, id)
		}
	}
	for _, a := range g.attestations {
		r.Credentials[a.GetId()] = a.GetCredential()
	}
	return r
}

func (s *season) write() error {
	text, err := json.MarshalIndent(s.report(), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.Output, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("écrire %s : %w", s.Output, err)
	}
	return nil
}

// table prints the indicators before and after.
func (s *season) table() {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "\nIndicateur\t\tAvant\tAprès")
	for i, r := range s.after {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.id, r.title, s.before[i].text(), r.text())
	}
	_ = w.Flush()
	s.say("")
}

func (r *row) text() string {
	if r.suppressed {
		return "1 à 4 (masqué)"
	}
	if r.value == nil {
		return "—"
	}
	return strconv.FormatInt(*r.value, 10)
}
