package domain

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Professional is what an adult who works in computing says of the meetings that they would join.
type Professional struct {
	PersonID     string
	CommuneCode  string
	Position     Position // the commune's, copied
	RadiusKM     int
	Remote       bool
	ModuleIDs    []string
	Tags         []string
	Calendar     Calendar
	MonthlyLimit int // in any 30 days; 0 for none
	Active       bool
	StructureID  string // empty for none
	Version      int64
	CreateTime   time.Time
}

// NearProfessional is a professional and how far their commune is, in metres.
type NearProfessional struct {
	Professional
	Distance float64
}

// InReach tells whether the professional goes as far.
func (n NearProfessional) InReach() bool { return n.Distance <= float64(n.RadiusKM)*1000 }

// Compare orders by distance, and professionals at the same one by person.
func (n NearProfessional) Compare(other NearProfessional) int {
	return cmp.Or(cmp.Compare(n.Distance, other.Distance), cmp.Compare(n.PersonID, other.PersonID))
}

// ProfessionalQuery selects profiles by age.
type ProfessionalQuery struct {
	Viewer    Viewer
	Territory string // empty for all
	Page
}

// Wanted is who is looked for: active professionals who go as far as a point, or join from a distance.
type Wanted struct {
	From      Position
	Radius    float64  // metres
	ModuleID  string   // empty for any
	PersonIDs []string // these only, however far they go; empty for anybody
	Page               // after a distance and a person
}

// ProfessionalReads are the questions about professionals.
type ProfessionalReads interface {
	Professional(ctx context.Context, personID string) (Professional, error)
	Professionals(ctx context.Context, q ProfessionalQuery) ([]Professional, error)
	// NearestProfessionals are those who are wanted, nearest first, ties by person.
	NearestProfessionals(ctx context.Context, w Wanted) ([]NearProfessional, error)
}

// ProfessionalWrites are the changes of professionals.
type ProfessionalWrites interface {
	// InsertProfessional refuses with ErrProfessionalExists a person's second profile.
	InsertProfessional(ctx context.Context, p Professional) error
	// UpdateProfessional refuses when someone else has updated the version before.
	UpdateProfessional(ctx context.Context, p Professional) error
}

// What a profile may be refused for.
var (
	ErrProfessionalNotFound = errs.Missing("professional", "professionnel")
	ErrProfessionalExists   = errs.New(errs.AlreadyExists, "PROFESSIONAL_EXISTS",
		"You have a profile already; change that one.",
		"Vous avez déjà un profil ; modifiez-le.")
	ErrNotAdult = errs.New(errs.Invalid, "ADULTS_ONLY",
		"Professionals are adults; confirm that you are one.",
		"Les professionnels sont majeurs ; confirmez que vous l'êtes.")
	ErrCommuneUnlocated = errs.New(errs.Invalid, "COMMUNE_WITHOUT_POSITION",
		"The position of this commune is not known; give the nearest one whose position is.",
		"La position de cette commune n'est pas connue ; indiquez la plus proche dont elle l'est.")
	ErrSeeker = errs.New(errs.Denied, "SEEKER_NOT_ENTITLED",
		"Only organisers, coordinators and relays look for professionals.",
		"Seuls les organisateurs, les coordinateurs et les relais cherchent des professionnels.")
)

// CreateProfessional makes a person's profile, and the person a professional.
func CreateProfessional(ctx context.Context, tx Tx, p Professional, adult bool) (Professional, error) {
	if !adult {
		return Professional{}, ErrNotAdult.At("adult")
	}
	p.Version = 1
	p, err := p.settled(ctx, tx)
	if err != nil {
		return Professional{}, err
	}
	if err := tx.InsertProfessional(ctx, p); err != nil {
		return Professional{}, err
	}
	_, err = GrantRole(ctx, tx, p.PersonID, Grant{Role: ProfessionalRole})
	return p, err
}

// UpdateProfessional changes the masked fields of a profile; an empty mask is all of them.
func UpdateProfessional(ctx context.Context, tx Tx, p, change Professional, mask []string) (Professional, error) {
	p, err := p.with(change, mask)
	if err != nil {
		return Professional{}, err
	}
	if p, err = p.settled(ctx, tx); err != nil {
		return Professional{}, err
	}
	p.Version++
	return p, tx.UpdateProfessional(ctx, p)
}

// settled is a profile whose references exist, with its commune's position.
func (p Professional) settled(ctx context.Context, tx Tx) (Professional, error) {
	if p.CommuneCode == "" {
		return p, errs.ErrRequired.At("professional.commune_code")
	}
	commune, err := CommuneAt(ctx, tx, p.CommuneCode, "professional.commune_code")
	if err == nil && !commune.Located() {
		err = ErrCommuneUnlocated.At("professional.commune_code")
	}
	p.CommuneCode, p.Position = commune.Code, commune.Position
	return p, errors.Join(err, p.Calendar.check(), structureAt(ctx, tx, p.StructureID, "professional.structure_id"))
}

// ProfessionalFields are the fields that a mask names; an empty mask and "*" name all that may change.
func ProfessionalFields(mask []string) []string {
	if len(mask) == 0 || len(mask) == 1 && mask[0] == "*" {
		return []string{
			"commune_code", "radius_km", "remote", "module_ids", "tags", "availabilities", "absences", "time_zone", "monthly_limit",
			"active", "structure_id",
		}
	}
	return mask
}

func (p Professional) with(change Professional, mask []string) (Professional, error) {
	for _, field := range ProfessionalFields(mask) {
		switch field {
		case "commune_code":
			p.CommuneCode = change.CommuneCode
		case "radius_km":
			p.RadiusKM = change.RadiusKM
		case "remote":
			p.Remote = change.Remote
		case "module_ids":
			p.ModuleIDs = change.ModuleIDs
		case "tags":
			p.Tags = change.Tags
		case "availabilities":
			p.Calendar.Availabilities = change.Calendar.Availabilities
		case "absences":
			p.Calendar.Absences = change.Calendar.Absences
		case "time_zone":
			p.Calendar.TimeZone = change.Calendar.TimeZone
		case "monthly_limit":
			p.MonthlyLimit = change.MonthlyLimit
		case "active":
			p.Active = change.Active
		case "structure_id":
			p.StructureID = change.StructureID
		case "person_id", "etag": // a PATCH over HTTP without a mask gets one from its body, these two included
		default:
			return Professional{}, errs.ErrMask.At("update_mask").With("path", field)
		}
	}
	return p, nil
}

// MaySeek refuses whoever neither coordinates nor organises, nor plans the meetings of a structure: professionals are not for everybody
// to count.
func MaySeek(ctx context.Context, r Reads, personID string) error {
	p, err := r.Person(ctx, personID)
	if err != nil || p.has(OrganiserRole) || p.has(Coordinator) || p.has(Relay) {
		return err
	}
	holds, err := r.HoldsCharge(ctx, personID)
	if err == nil && !holds {
		return ErrSeeker
	}
	return err
}

// wants tells whether a professional, so far away, is one of those who are looked for.
func (w Wanted) wants(n NearProfessional) bool {
	if len(w.PersonIDs) > 0 {
		return slices.Contains(w.PersonIDs, n.PersonID)
	}
	return n.Distance <= w.Radius && (n.Remote || n.InReach()) && (w.ModuleID == "" || slices.Contains(n.ModuleIDs, w.ModuleID))
}

// Pick is those of the professionals who are wanted, nearest first and after the cursor.
func (w Wanted) Pick(all []Professional, after NearProfessional) []NearProfessional {
	var found []NearProfessional
	for _, p := range all {
		n := NearProfessional{p, w.From.Distance(p.Position)}
		if w.wants(n) && n.Compare(after) > 0 {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, NearProfessional.Compare)
	return found
}
