package store

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const professionalColumns = `professionals.person_id, professionals.commune_code, professionals.latitude, professionals.longitude,
	professionals.radius_km, professionals.remote, professionals.module_ids, professionals.tags, professionals.time_zone,
	professionals.availabilities, professionals.absences, professionals.monthly_limit, professionals.active, professionals.structure_id,
	professionals.version, professionals.created_at`

func readProfessional(scan database.Scan) (p domain.Professional, err error) {
	var modules, tags, availabilities, absences string
	var remote, active int
	var created int64
	err = scan(&p.PersonID, &p.CommuneCode, &p.Position.Latitude, &p.Position.Longitude, &p.RadiusKM, &remote, &modules, &tags,
		&p.Calendar.TimeZone, &availabilities, &absences, &p.MonthlyLimit, &active, &p.StructureID, &p.Version, &created)
	if err != nil {
		return p, err
	}
	p.Remote, p.Active, p.CreateTime = remote == 1, active == 1, database.Time(created)
	return p, errors.Join(
		json.Unmarshal([]byte(modules), &p.ModuleIDs), json.Unmarshal([]byte(tags), &p.Tags),
		json.Unmarshal([]byte(availabilities), &p.Calendar.Availabilities), json.Unmarshal([]byte(absences), &p.Calendar.Absences))
}

// Professional returns a person's profile, or domain.ErrProfessionalNotFound.
func (r reads) Professional(ctx context.Context, personID string) (domain.Professional, error) {
	return database.One(ctx, r.q, domain.ErrProfessionalNotFound, readProfessional,
		`SELECT `+professionalColumns+` FROM professionals WHERE person_id = $1`, personID)
}

// Professionals returns the profiles that the viewer may see, oldest first.
func (r reads) Professionals(ctx context.Context, q domain.ProfessionalQuery) ([]domain.Professional, error) {
	created, id := afterNumber(q.Page)
	var p params
	return database.All(ctx, r.q, readProfessional,
		`SELECT `+professionalColumns+` FROM professionals
		 WHERE (created_at, person_id) > (`+p.add(created)+`, `+p.add(id)+`)
		   AND (`+p.concerns(q.Viewer, "professionals.commune_code", "professionals.person_id")+`)
		   AND `+p.optionalWithin("professionals.commune_code", q.Territory)+`
		 ORDER BY created_at, person_id `+p.limit(q.Limit), p...)
}

// NearestProfessionals returns those who are wanted, nearest first.
func (r reads) NearestProfessionals(ctx context.Context, w domain.Wanted) ([]domain.NearProfessional, error) {
	after := afterDistance(w.Page)
	if len(w.PersonIDs) > 0 {
		var p params
		named, err := database.All(ctx, r.q, readProfessional, `SELECT `+professionalColumns+` FROM professionals
			WHERE active = 1 AND person_id IN (`+strings.Join(p.all(w.PersonIDs), ", ")+`)`, p...)
		found := w.Pick(named, after)
		return found[:min(w.Limit, len(found))], err
	}
	for reach := min(max(firstRadius, after.Distance*radiusGrowth), w.Radius); ; reach = min(reach*radiusGrowth, w.Radius) {
		wanted := w
		wanted.Radius = reach
		found, err := r.professionalsAround(ctx, wanted, after)
		if err != nil || len(found) >= w.Limit || reach >= w.Radius {
			return found[:min(w.Limit, len(found))], err
		}
	}
}

func (r reads) professionalsAround(ctx context.Context, w domain.Wanted, after domain.NearProfessional) ([]domain.NearProfessional, error) {
	var p params
	all, err := database.All(ctx, r.q, readProfessional,
		p.near(covering(w.From, w.Radius))+`
		 SELECT `+professionalColumns+` FROM near JOIN professionals ON professionals.cell BETWEEN near.low AND near.high
		 WHERE professionals.active = 1`, p...)
	return w.Pick(all, after), err
}

// afterDistance reads a page's cursor that is a distance and a person; before everybody on the first page.
func afterDistance(p domain.Page) domain.NearProfessional {
	after := domain.NearProfessional{Distance: math.Inf(-1)}
	text, id := afterText(p)
	if text != "" {
		after.Distance, _ = strconv.ParseFloat(text, 64) // our own text: the token is signed
		after.PersonID = id
	}
	return after
}

// InsertProfessional adds a profile, or returns domain.ErrProfessionalExists.
func (t *tx) InsertProfessional(ctx context.Context, p domain.Professional) error {
	added, err := inserted(t.SQL.ExecContext(ctx,
		`INSERT INTO professionals (person_id, commune_code, latitude, longitude, cell, radius_km, remote, module_ids, tags, time_zone,
		     availabilities, absences, monthly_limit, active, structure_id, version, created_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (person_id) DO NOTHING`,
		append(professionalRow(p), database.Micros(p.CreateTime))...))
	if err == nil && !added {
		return domain.ErrProfessionalExists
	}
	return err
}

// UpdateProfessional changes a profile whose version before is still the current one.
func (t *tx) UpdateProfessional(ctx context.Context, p domain.Professional) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE professionals SET commune_code = $2, latitude = $3, longitude = $4, cell = $5, radius_km = $6, remote = $7, module_ids = $8,
		     tags = $9, time_zone = $10, availabilities = $11, absences = $12, monthly_limit = $13, active = $14, structure_id = $15, version = $16
		 WHERE person_id = $1 AND version = $16 - 1`, professionalRow(p)...))
}

func professionalRow(p domain.Professional) []any {
	return []any{
		p.PersonID, p.CommuneCode, p.Position.Latitude, p.Position.Longitude, cellOf(p.Position), p.RadiusKM, flag(p.Remote),
		toJSON(p.ModuleIDs), toJSON(p.Tags), p.Calendar.TimeZone, toJSON(p.Calendar.Availabilities), toJSON(p.Calendar.Absences),
		p.MonthlyLimit, flag(p.Active), p.StructureID, p.Version,
	}
}

// flag is a boolean as both engines keep it.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
