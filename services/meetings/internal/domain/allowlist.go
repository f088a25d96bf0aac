package domain

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// AllowedHost is a host that the network of a meeting must let through, and what for.
type AllowedHost struct {
	Host string
	For  []HostUse // each once
}

// HostUse says who needs a host.
type HostUse int

// Who needs a host.
const (
	HostOfDoor     HostUse = iota + 1 // this instance: checking in, what one thinks
	HostOfMeeting                     // the link to join from afar
	HostOfModule                      // the module itself, online
	HostOfResource                    // a resource of the module
	HostNeeded                        // the organiser said so
)

// AllowList gathers the hosts of a meeting, by name; addresses that are none are left out.
type AllowList map[string][]HostUse

// Add takes the host of an address, or a host by itself.
func (l AllowList) Add(address string, use HostUse) {
	host := address
	if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" || host == "localhost" || host[0] == '-' || host[0] == '.' || strings.ContainsFunc(host, notInHost) || slices.Contains(l[host], use) {
		return
	}
	l[host] = append(l[host], use)
}

// notInHost keeps out what is no host: a text, a formula, a line more in a file.
func notInHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != ':'
}

// Hosts are those that were added, in the order of their names.
func (l AllowList) Hosts() []AllowedHost {
	hosts := make([]AllowedHost, 0, len(l))
	for host, uses := range l {
		hosts = append(hosts, AllowedHost{Host: host, For: slices.Sorted(slices.Values(uses))})
	}
	slices.SortFunc(hosts, func(a, b AllowedHost) int { return cmp.Compare(a.Host, b.Host) })
	return hosts
}
