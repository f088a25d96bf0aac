// Package prose says things as people write them: an instant in local time with its zone in words, in French and in English.
package prose

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // containers have no zones of their own
)

// Space is one at which no line is broken.
const Space = "\u00a0"

// French puts such spaces where French has them, before its double signs.
var French = strings.NewReplacer(" :", Space+":", " ;", Space+";", " ?", Space+"?", " !", Space+"!", "« ", "«"+Space, " »", Space+"»")

var (
	frenchDays   = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	frenchMonths = [...]string{
		"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
	}
	// Where France's zones say more than their city; the others are called by it.
	frenchZones = map[string]string{
		"Indian/Reunion": "de La Réunion", "America/Martinique": "de la Martinique", "America/Guadeloupe": "de la Guadeloupe",
		"America/Cayenne": "de la Guyane", "Indian/Mayotte": "de Mayotte", "Pacific/Noumea": "de Nouvelle-Calédonie",
		"Pacific/Tahiti": "de Tahiti", "America/Miquelon": "de Saint-Pierre-et-Miquelon", "Pacific/Wallis": "de Wallis-et-Futuna",
		"Pacific/Marquesas": "des Marquises", "Pacific/Gambier": "des Gambier", "Europe/Paris": "de Paris", "UTC": "universelle",
	}
)

// FrenchTime is «mardi 24 novembre 2026 à 18 h 30 (heure de Paris)».
func FrenchTime(at time.Time, zone string) string {
	return FrenchDay(at, zone) + " à " + FrenchHour(at, zone) + " (" + FrenchZone(zone) + ")"
}

// FrenchDay is «mardi 24 novembre 2026».
func FrenchDay(at time.Time, zone string) string {
	at = local(at, zone)
	day := fmt.Sprint(at.Day())
	if at.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s%s%s %d", frenchDays[at.Weekday()], day, Space, frenchMonths[at.Month()-1], at.Year())
}

// FrenchDate is «24 novembre 2026».
func FrenchDate(at time.Time) string {
	day := fmt.Sprint(at.Day())
	if at.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s%s%s %d", day, Space, frenchMonths[at.Month()-1], at.Year())
}

// FrenchHour is «18 h 30».
func FrenchHour(at time.Time, zone string) string {
	at = local(at, zone)
	hour := fmt.Sprintf("%d%sh", at.Hour(), Space)
	if at.Minute() > 0 {
		hour += fmt.Sprintf("%s%02d", Space, at.Minute())
	}
	return hour
}

// FrenchZone is «heure de Paris».
func FrenchZone(zone string) string {
	if of, ok := frenchZones[zone]; ok {
		return "heure " + of
	}
	return "fuseau " + zone
}

// EnglishTime is "Tuesday 24 November 2026 at 18:30 (Paris time)".
func EnglishTime(at time.Time, zone string) string {
	return local(at, zone).Format("Monday 2"+Space+"January 2006 at 15:04") + " (" + englishZone(zone) + ")"
}

func englishZone(zone string) string {
	_, city, found := strings.Cut(zone, "/")
	if !found {
		return zone
	}
	return strings.ReplaceAll(city[strings.LastIndex(city, "/")+1:], "_", " ") + " time"
}

func local(at time.Time, zone string) time.Time {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC // checked when the meeting was planned
	}
	return at.In(location)
}
