package domain

import (
	"strings"
	"time"
)

// Invitation is what the mesh says of an invitation into a group when its mail is due; the zero Invitation when there is none any more.
type Invitation struct {
	ModuleID    string // the group's, as what follows
	PlaceID     string
	CommuneCode string
	Members     int
	Open        bool      // waits for an answer
	SendTime    time.Time // for the last time, if it was renewed
	Expires     time.Time
}

// invitationHolds tells whether the invitation still waits, and is the one of the notice: one that was renewed has another.
func (m Matter) invitationHolds(now time.Time) bool {
	i := m.Invitation
	return m.Kind == NoticeInvited && i.Open && now.Before(i.Expires) && i.SendTime.Equal(m.Start)
}

// overseas are the zones of communes beyond the metropole, by the first three characters of their codes.
var overseas = map[string]string{
	"971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion", "975": "America/Miquelon",
	"976": "Indian/Mayotte", "977": "America/Guadeloupe", "978": "America/Guadeloupe", "986": "Pacific/Wallis", "987": "Pacific/Tahiti",
	"988": "Pacific/Noumea",
}

// Zone is that of the clocks where the group meets: no meeting says it yet.
func (i Invitation) Zone() string {
	for prefix, zone := range overseas {
		if strings.HasPrefix(i.CommuneCode, prefix) {
			return zone
		}
	}
	return "Europe/Paris"
}
