package domain

// Place is where meetings happen, as mesh tells it.
type Place struct {
	ID      string
	Commune string
	Status  PlaceStatus
	Version int64
}

// PlaceStatus is how far a place has come, as in the contract; nested, each includes those before.
type PlaceStatus int

// The statuses.
const (
	Identified PlaceStatus = iota + 1
	Active
	Sustained
)

// Meeting is a gathering at a place, as meetings tells it.
type Meeting struct {
	ID         string
	CampaignID string // "" outside of any
	PlaceID    string
	Commune    string
	State      int // as in the contract
	Version    int64
}

// MeetingCancelled is the state in which a meeting brings nothing about at its place.
const MeetingCancelled = 7
