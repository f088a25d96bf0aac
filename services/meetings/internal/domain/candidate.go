package domain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Profile is what the mesh tells of a professional to whoever looks for one.
type Profile struct {
	PersonID     string
	Metres       int  // between the meeting's commune and theirs
	InReach      bool // they go as far
	Remote       bool // they join from a distance
	ModuleIDs    []string
	Tags         []string
	Free         Free
	MonthlyLimit int // meetings in any 30 days; 0 for as many as asked
}

// Free is whether a professional is free for the meeting, by their own rules; the numbers are the mesh's.
type Free int

// The answers.
const (
	FreeYes Free = iota + 1
	FreeOutsideHours
	FreeAway
	FreeUnknown
)

// Need is what a meeting wants of a professional.
type Need struct {
	Meeting
	Tags []string // besides the meeting's module
}

// Candidate is a professional who could come, with what speaks for and against.
type Candidate struct {
	Profile
	Score int
	Parts []ScorePart // distance, availability, skills, load, conflict
}

// ScorePart is one of the things that make a score.
type ScorePart struct {
	Kind   ScoreKind
	Points int
	FR, EN string // why, whole sentences
}

// ScoreKind is what a part of a score is about; the numbers are the contract's.
type ScoreKind int

// The parts of a score.
const (
	ScoreDistance ScoreKind = iota + 1
	ScoreAvailability
	ScoreSkills
	ScoreLoad
	ScoreConflict
)

// The weights, in points. Near home is what the training is built on, so it comes first; nothing outweighs a conflict.
const (
	distancePoints  = 40
	distanceMetres  = 100_000 // from here on there are no points for the distance
	freePoints      = 30
	modulePoints    = 20
	tagPoints       = 10
	loadPoints      = 10
	meetingPoints   = 2 // taken off for each meeting that they join around this one
	limitPoints     = -30
	conflictPoints  = -100
	hoursKnownShare = 2 // unknown hours are worth half of the points
)

// loadAround is how far around a meeting the load is counted: 30 days in all.
const loadAround = 15 * 24 * time.Hour

// LoadPeriod is the period in which a professional's engagements matter for the meeting.
func LoadPeriod(m Meeting) (from, to time.Time) {
	return m.Start.Add(-loadAround), m.End.Add(loadAround)
}

// Rank orders professionals by their score, ties by person. The same profiles give the same order, in whichever order they come.
// Engagements are the bookings that hold them around the meeting; what they hold for this very meeting does not count.
func Rank(n Need, profiles []Profile, engagements []Booking) []Candidate {
	engaged := map[string][]Booking{}
	for _, b := range engagements {
		if b.MeetingID != n.ID {
			engaged[b.ResourceID] = append(engaged[b.ResourceID], b)
		}
	}
	out := make([]Candidate, len(profiles))
	for i, p := range profiles {
		own := engaged[p.PersonID]
		out[i] = Candidate{Profile: p, Parts: []ScorePart{distance(p), availability(p), n.skills(p), n.load(p, own), n.conflict(own)}}
		for _, part := range out[i].Parts {
			out[i].Score += part.Points
		}
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.PersonID, b.PersonID))
	})
	return out
}

func distance(p Profile) ScorePart {
	km := (p.Metres + 500) / 1000
	if !p.InReach {
		return ScorePart{
			ScoreDistance, 0,
			fmt.Sprintf("À %d km, plus loin que ses déplacements ; peut participer à distance.", km),
			fmt.Sprintf("%d km away, further than they travel; can join from a distance.", km),
		}
	}
	points := distancePoints - min(distancePoints, p.Metres*distancePoints/distanceMetres)
	if km == 0 {
		return ScorePart{ScoreDistance, points, "À moins d'un kilomètre.", "Less than a kilometre away."}
	}
	return ScorePart{ScoreDistance, points, fmt.Sprintf("À %d km.", km), fmt.Sprintf("%d km away.", km)}
}

func availability(p Profile) ScorePart {
	switch p.Free {
	case FreeYes:
		return ScorePart{ScoreAvailability, freePoints, "Libre à ces heures.", "Free at these hours."}
	case FreeAway:
		return ScorePart{ScoreAvailability, 0, "En absence ce jour-là.", "Away on that day."}
	case FreeOutsideHours:
		return ScorePart{ScoreAvailability, 0, "En dehors de ses heures habituelles.", "Outside of their usual hours."}
	}
	return ScorePart{ScoreAvailability, freePoints / hoursKnownShare, "Heures de disponibilité inconnues.", "Their hours are not known."}
}

// skills counts the module and the tags; capitals make no difference.
func (n Need) skills(p Profile) ScorePart {
	knows := slices.Contains(p.ModuleIDs, n.ModuleID)
	var has, lacks []string
	for _, tag := range n.Tags {
		if slices.ContainsFunc(p.Tags, func(own string) bool { return strings.EqualFold(own, tag) }) {
			has = append(has, tag)
		} else {
			lacks = append(lacks, tag)
		}
	}
	part := ScorePart{Kind: ScoreSkills, Points: tagPoints, FR: "N'a pas indiqué ce module.", EN: "Has not named this module."}
	if knows {
		part.FR, part.EN = "Connaît ce module.", "Knows this module."
	}
	if len(n.Tags) > 0 {
		part.Points = tagPoints * len(has) / len(n.Tags)
	}
	if knows {
		part.Points += modulePoints
	}
	if len(has) > 0 {
		part.FR, part.EN = part.FR+" Connaît aussi : "+strings.Join(has, ", ")+".", part.EN+" Also knows: "+strings.Join(has, ", ")+"."
	}
	if len(lacks) > 0 {
		part.FR, part.EN = part.FR+" N'a pas indiqué : "+strings.Join(lacks, ", ")+".", part.EN+" Has not named: "+strings.Join(lacks, ", ")+"."
	}
	return part
}

func (n Need) load(p Profile, own []Booking) ScorePart {
	count := len(own)
	part := ScorePart{Kind: ScoreLoad, Points: max(0, loadPoints-meetingPoints*count)}
	switch count {
	case 0:
		part.FR, part.EN = "Aucune autre rencontre dans les 30 jours autour.", "No other meeting within the 30 days around."
	case 1:
		part.FR, part.EN = "Une autre rencontre dans les 30 jours autour.", "One other meeting within the 30 days around."
	default:
		part.FR = fmt.Sprintf("%d autres rencontres dans les 30 jours autour.", count)
		part.EN = fmt.Sprintf("%d other meetings within the 30 days around.", count)
	}
	if p.MonthlyLimit > 0 && count >= p.MonthlyLimit {
		part.Points = limitPoints
		part.FR += fmt.Sprintf(" C'est déjà sa limite de %d.", p.MonthlyLimit)
		part.EN += fmt.Sprintf(" That is their limit of %d already.", p.MonthlyLimit)
	}
	return part
}

// conflict says from when to when somebody is engaged elsewhere, not where.
func (n Need) conflict(own []Booking) ScorePart {
	i := slices.IndexFunc(own, func(b Booking) bool { return b.Start.Before(n.End) && b.End.After(n.Start) })
	if i < 0 {
		return ScorePart{ScoreConflict, 0, "Pas d'autre engagement à ce moment.", "No other engagement at that time."}
	}
	from, to := own[i].Start, own[i].End
	if where, err := time.LoadLocation(n.TimeZone); err == nil {
		from, to = from.In(where), to.In(where)
	}
	return ScorePart{
		ScoreConflict, conflictPoints,
		fmt.Sprintf("En engagement ailleurs du %s au %s.", from.Format("02/01/2006 à 15:04"), to.Format("02/01/2006 à 15:04")),
		fmt.Sprintf("Engaged elsewhere from %s to %s.", from.Format("2 January 2006, 15:04"), to.Format("2 January 2006, 15:04")),
	}
}
