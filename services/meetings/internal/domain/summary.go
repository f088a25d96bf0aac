package domain

import (
	"fmt"
	"time"
)

var chargesFR = []string{"", "de la part de la personne qui organise", "de la part du référent", "de la part de la structure d'accueil", "de la part de la coordination", ""}

var chargesEN = []string{"", "by the organiser", "by the referent", "by the hosting structure", "by the coordinators", ""}

var monthsFR = []string{"", "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// Summary is the board in a sentence, in French and in English, in the meeting's own hours.
func (b Board) Summary() (fr, en string) {
	if b.Missing == 0 {
		return "Tout est prêt.", "Everything is ready."
	}
	fr, en = several(b.Missing, "point manque", "points manquent", "thing is missing", "things are missing")
	fr, en = "Pas encore prêt : "+fr, "Not ready yet: "+en
	switch {
	case b.Late == b.Missing:
		return fr + ", en retard.", en + ", and late."
	case b.Late > 0:
		fr, en = fmt.Sprint(fr, ", dont ", b.Late, " en retard"), fmt.Sprint(en, ", ", b.Late, " of them late")
	}
	due := b.Next.Due.In(zone(b.Meeting.TimeZone))
	return fmt.Sprintf("%s ; à faire avant le %s %s : %s.", fr, momentFR(due), chargesFR[b.Next.CheckedBy], b.Next.FR),
		fmt.Sprintf("%s; due before %s %s: %s.", en, due.Format("2 January 2006, 15:04,"), chargesEN[b.Next.CheckedBy], b.Next.EN)
}

// momentFR is "20 novembre 2026 à 13 h 00".
func momentFR(t time.Time) string {
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %d à %d h %02d,", day, monthsFR[t.Month()], t.Year(), t.Hour(), t.Minute())
}

// zone was checked when the meeting was planned.
func zone(name string) *time.Location {
	if z, err := time.LoadLocation(name); err == nil {
		return z
	}
	return time.UTC
}
