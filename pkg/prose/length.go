package prose

import (
	"strconv"
	"time"
)

// Length is how long something took, as both languages write it: «2 h 30», «45 min».
func Length(d time.Duration) string {
	hours, minutes := int(d.Hours()), int(d.Minutes())%60
	switch {
	case hours == 0:
		return strconv.Itoa(minutes) + Space + "min"
	case minutes == 0:
		return strconv.Itoa(hours) + Space + "h"
	case minutes < 10:
		return strconv.Itoa(hours) + Space + "h" + Space + "0" + strconv.Itoa(minutes)
	}
	return strconv.Itoa(hours) + Space + "h" + Space + strconv.Itoa(minutes)
}

// ShortDate is «24/11/2026», for tables.
func ShortDate(at time.Time, zone string) string { return local(at, zone).Format("02/01/2006") }
