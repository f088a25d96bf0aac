package events_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/database"
	busevents "github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/events"
)

// What becomes of a practice sheet is told once, however often it is heard.
func TestSheetIsToldOnce(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		st := open(t, db)
		meeting, err := series(t.Context(), st, newID())
		if err != nil {
			t.Fatal(err)
		}
		consumer := events.Sheets(st, func(context.Context) {}, newID, st.Now)
		tell := func(id, name string, sheet *cataloguev1.PracticeSheet) error {
			body, err := proto.Marshal(&cataloguev1.PracticeSheetEvent{PracticeSheet: sheet})
			if err != nil {
				t.Fatal(err)
			}
			return consumer.Handle(t.Context(), busevents.Message{
				ID: id, Subject: "maillage.catalogue.v1.practice_sheet." + name, Time: now, Version: 3, Schema: "maillage.catalogue.v1.PracticeSheetEvent", Payload: body,
			})
		}
		sheet := &cataloguev1.PracticeSheet{Id: newID(), MeetingId: meeting}
		for id, name := range map[string]string{"a": "returned", "b": "published"} {
			for range 2 {
				if err := tell(id, name, sheet); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := tell("c", "returned", &cataloguev1.PracticeSheet{Id: newID()}); err == nil {
			t.Error("a sheet of no meeting was heard")
		}
		notices, err := st.Notices(t.Context(), domain.NoticeQuery{MeetingID: meeting, Page: domain.Page{Limit: 10}})
		told := map[domain.NoticeKind]int{}
		for _, n := range notices {
			if n.SubjectID == sheet.GetId() {
				told[n.Kind]++
			}
		}
		if err != nil || len(notices) != 2 || told[domain.NoticeSheetReturned] != 1 || told[domain.NoticeSheetPublished] != 1 {
			t.Errorf("%+v, %v", notices, err)
		}
	})
}
