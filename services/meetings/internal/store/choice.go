package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// TakeSlots keeps the choices of workshops: the key on slot and person decides between two at once. The update of a choice that
// stands changes nothing, and returns it; its row is then locked, so that what is refused here stays true to the end.
func (t *tx) TakeSlots(ctx context.Context, choices []domain.SlotChoice) (map[domain.SlotChoice]string, error) {
	refused := map[domain.SlotChoice]string{}
	for _, wave := range waves(choices) {
		rows := make([][]any, len(wave))
		for i, c := range wave {
			rows[i] = []any{c.MeetingID, c.PersonID}
		}
		err := t.Values(1, []database.Column{database.Text, database.Text}, rows, func(given database.Table) error {
			found, err := database.All(ctx, t.q, readKept,
				`INSERT INTO slot_choices (slot_id, person_id, meeting_id)
				 SELECT w.slot_id, v.column2, w.meeting_id FROM `+given.Text+` AS v JOIN workshops w ON w.meeting_id = v.column1
				 WHERE v.column1 IS NOT NULL ORDER BY w.slot_id, v.column2
				 ON CONFLICT (slot_id, person_id) DO UPDATE SET meeting_id = slot_choices.meeting_id
				 RETURNING person_id, meeting_id`, given.Args...)
			if err != nil {
				return err
			}
			otherwise(wave, found, refused)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// kept is a choice as it stands.
type kept struct{ person, meeting string }

func readKept(scan database.Scan) (k kept, err error) {
	return k, scan(&k.person, &k.meeting)
}

// otherwise finds the choices in whose slot the person has another meeting; each person stands in a wave once.
func otherwise(wave []domain.SlotChoice, found []kept, refused map[domain.SlotChoice]string) {
	wanted := make(map[string]domain.SlotChoice, len(wave))
	for _, c := range wave {
		wanted[c.PersonID] = c
	}
	for _, k := range found {
		if c := wanted[k.person]; c.MeetingID != k.meeting {
			refused[c] = k.meeting
		}
	}
}

// waves parts the choices so that nobody stands in one twice, each wave in one order for all transactions.
func waves(choices []domain.SlotChoice) (all [][]domain.SlotChoice) {
	sorted := slices.Clone(choices)
	slices.SortFunc(sorted, func(a, b domain.SlotChoice) int {
		return cmp.Or(cmp.Compare(a.MeetingID, b.MeetingID), cmp.Compare(a.PersonID, b.PersonID))
	})
	before := map[string]int{}
	for _, c := range slices.Compact(sorted) {
		n := before[c.PersonID]
		before[c.PersonID]++
		if n == len(all) {
			all = append(all, nil)
		}
		all[n] = append(all[n], c)
	}
	return all
}

// FreeSlot forgets a person's choice of a meeting, or everyone's.
func (t *tx) FreeSlot(ctx context.Context, meetingID, personID string) error {
	_, err := t.SQL.ExecContext(ctx, `DELETE FROM slot_choices WHERE meeting_id = $1 AND ($2 = '' OR person_id = $2)`, meetingID, personID)
	return database.Explain(err)
}
