package domain

import (
	"fmt"
	"testing"
)

func TestAllowList(t *testing.T) {
	list := AllowList{}
	for _, a := range []struct {
		address string
		use     HostUse
	}{
		{"https://pixees.fr/classcode/", HostOfModule}, {"https://PIXEES.fr./autre", HostOfResource}, {"https://pixees.fr", HostOfResource},
		{"scratch.mit.edu", HostNeeded}, {"https://visio.example:8443/salle", HostOfMeeting}, {"http://localhost:8080", HostOfDoor},
		{"", HostOfModule}, {"mailto:quelqu.un@example.org", HostOfResource}, {"=cmd|' /C calc'!A0", HostOfResource}, {"a\nb.example", HostNeeded}, {"-2+3", HostNeeded}, {"https://[::1]:8080/", HostOfDoor},
	} {
		list.Add(a.address, a.use)
	}
	if got, want := fmt.Sprint(list.Hosts()), "[{::1 [1]} {pixees.fr [3 4]} {scratch.mit.edu [5]} {visio.example [2]}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
