package domain

// Applicant is someone who waits for a group, seen from the commune.
type Applicant struct {
	ID       string
	Commune  string
	Position Position
	Located  bool
}

// Site is a place as grouping sees it.
type Site struct {
	ID          string
	Position    Position
	CommuneCode string
	StructureID string
}

// Rules are what groups must keep to.
type Rules struct {
	Radius   float64 // nobody travels farther, in metres
	Min, Max int     // persons in a group
}

// Result is what became of each applicant: a member of one group, or left out with a reason.
type Result struct {
	Groups []Formed  // by site
	Left   []LeftOut // by applicant
}

// Formed is a group around a site.
type Formed struct {
	SiteID  string
	Members []Placed
}

// Placed is a member of a group and the way to its site, in metres.
type Placed struct {
	ApplicantID string
	Distance    float64
}

// LeftOut is someone whom no group could take.
type LeftOut struct {
	ApplicantID string
	Reason      LeftReason
}

// LeftReason is why someone was left out.
type LeftReason int

// The reasons, numbered as in the contract.
const (
	NoPlaceWithinRadius LeftReason = iota + 1
	TooFewNearby
	NoKnownPosition
)

// Form groups people around places near home. It is a function of the sets alone: the order of its arguments does not matter.
//
// Everyone starts at the nearest site within reach. A site with fewer than Min people is closed, smallest first, and its people
// go on to their next nearest open one. Those who are left then take the free seats within their reach, and where Min of
// them can meet after all, they do. Each site's people are cut into the least number of groups, of equal sizes but for one,
// in the order of the direction from which they come, so that neighbours, and above all people of one commune, stay together.
//
// It guarantees that every applicant is in exactly one group or left out once; that groups have Min to Max members, each
// within Radius; and that nobody left out as TooFewNearby has within reach a site whose people could be cut into groups with
// one more, nor one around which Min of those left out could meet. It does not promise the smallest possible sum of distances,
// which would cost far more and could not be explained to those concerned.
func Form(people []Applicant, places []Site, rules Rules) Result {
	f := newForming(people, places, rules)
	f.closeSmall()
	f.trim()
	f.seatLeft()
	f.gatherLeft()
	return f.result()
}
