package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

const resourceColumns = `id, title, summary, uri, kind, language_code, licence, version, created_at`

func readResource(scan database.Scan) (r domain.Resource, err error) {
	var created int64
	err = scan(&r.ID, &r.Title, &r.Summary, &r.URI, &r.Kind, &r.LanguageCode, &r.Licence, &r.Version, &created)
	r.CreateTime = database.Time(created)
	return r, err
}

// Resource returns a resource, or domain.ErrResourceNotFound.
func (r reads) Resource(ctx context.Context, id string) (domain.Resource, error) {
	resource, err := database.One(ctx, r.q, domain.ErrResourceNotFound, readResource,
		`SELECT `+resourceColumns+` FROM resources WHERE id = $1`, id)
	if err != nil {
		return resource, err
	}
	resource.ModuleIDs, err = r.modulesOf(ctx, id)
	return resource, err
}

// Resources returns resources by title.
func (r reads) Resources(ctx context.Context, q domain.ResourceQuery) ([]domain.Resource, error) {
	title, id := "", ""
	if len(q.After) == 2 {
		title, id = q.After[0], q.After[1]
	}
	resources, err := database.All(ctx, r.q, readResource,
		`SELECT `+resourceColumns+` FROM resources
		 WHERE (title_folded, id) > ($1, $2)
		   AND ($3 = '' OR EXISTS (SELECT 1 FROM resource_modules WHERE resource_id = id AND module_id = $3))
		 ORDER BY title_folded, id LIMIT CAST($4 AS BIGINT)`, title, id, q.ModuleID, q.Limit)
	for i := range resources {
		if err == nil {
			resources[i].ModuleIDs, err = r.modulesOf(ctx, resources[i].ID)
		}
	}
	return resources, err
}

func (r reads) modulesOf(ctx context.Context, resourceID string) ([]string, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT module_id FROM resource_modules WHERE resource_id = $1 ORDER BY module_id`, resourceID)
}

// InsertResource adds a resource with the modules that it completes.
func (t *tx) InsertResource(ctx context.Context, r domain.Resource) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO resources (`+resourceColumns+`, title_folded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.ID, r.Title, r.Summary, r.URI, r.Kind, r.LanguageCode, r.Licence, r.Version, database.Micros(r.CreateTime), database.Fold(r.Title))
	for _, module := range r.ModuleIDs {
		if err == nil {
			_, err = t.SQL.ExecContext(ctx,
				`INSERT INTO resource_modules (resource_id, module_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, r.ID, module)
		}
	}
	return database.Explain(err)
}
