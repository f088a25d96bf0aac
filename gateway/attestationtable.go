package gateway

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// byteOrder tells Excel that the text is UTF-8.
const byteOrder = "\ufeff"

// attestationColumns are the table's, in French as those who read it; the last one is that of an archive.
var attestationColumns = []string{
	"Nom", "Document", "Rôle", "Module", "Version du module", "Temps de rencontre", "Début", "Fin", "Heures", "Compétences (CRCN)", "Code commune", "Commune",
	"Contresignée", "Catégorie du badge", "Niveau du badge", "Badge reconnu par", "Délivrée le", "Délivrée par", "État", "Révoquée le", "Motif de la révocation", "Page de vérification", "Fichier",
}

var (
	partWords = map[meetingsv1.AttestationRole]string{
		meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT: "Participation", meetingsv1.AttestationRole_ATTESTATION_ROLE_ORGANISER: "Organisation",
		meetingsv1.AttestationRole_ATTESTATION_ROLE_FACILITATOR: "Animation",
	}
	stateWords = map[meetingsv1.InvalidReason]string{
		meetingsv1.InvalidReason_INVALID_REASON_UNSPECIFIED: "valable", meetingsv1.InvalidReason_INVALID_REASON_REVOKED: "révoquée",
		meetingsv1.InvalidReason_INVALID_REASON_EXPIRED: "expirée",
	}
	badgeStateWords = map[meetingsv1.InvalidReason]string{
		meetingsv1.InvalidReason_INVALID_REASON_UNSPECIFIED: "valable", meetingsv1.InvalidReason_INVALID_REASON_REVOKED: "révoqué",
		meetingsv1.InvalidReason_INVALID_REASON_EXPIRED: "expiré",
	}
)

// attestationTable is a CSV as a French Excel opens it: semicolons, decimal commas, local dates.
type attestationTable struct {
	out  *csv.Writer
	file func(a *meetingsv1.StructureAttestation) (name string, err error) // of the attestation in the archive; nil without one
}

func newAttestationTable(w io.Writer, inArchive bool) (*attestationTable, error) {
	if _, err := io.WriteString(w, byteOrder); err != nil {
		return nil, err
	}
	t := &attestationTable{out: csv.NewWriter(w)}
	t.out.Comma, t.out.UseCRLF = ';', true
	columns := attestationColumns
	if !inArchive {
		columns = columns[:len(columns)-1]
	}
	return t, t.out.Write(columns)
}

func (t *attestationTable) write(page []*meetingsv1.StructureAttestation) error {
	for _, a := range page {
		row := attestationRow(a)
		if a.GetBadge() != nil {
			row = badgeRow(a)
		}
		if t.file != nil {
			name, err := t.file(a)
			if err != nil {
				return err
			}
			row = append(row, name)
		}
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := t.out.Write(row); err != nil {
			return fmt.Errorf("table of attestations: %w", err)
		}
	}
	t.out.Flush()
	return t.out.Error()
}

func (t *attestationTable) close() error {
	t.out.Flush()
	return t.out.Error()
}

// attestationRow says what is shown; the cells of what is not are empty.
func attestationRow(s *meetingsv1.StructureAttestation) []string {
	a := s.GetAttestation()
	zone := cmp.Or(a.GetTimeZone(), parisZone)
	version, hours := "", ""
	if a.GetModuleVersion() > 0 {
		version = strconv.FormatInt(a.GetModuleVersion(), 10)
	}
	if a.GetAttendedDuration() != nil {
		rounded := math.Round(a.GetAttendedDuration().AsDuration().Hours()*100) / 100
		hours = strings.Replace(strconv.FormatFloat(rounded, 'f', -1, 64), ".", ",", 1)
	}
	return []string{
		s.GetHolderName(), "Attestation", partWords[a.GetRole()], a.GetModuleTitle(), version, a.GetMeetingTitle(), cellTime(a.GetMeetingTime(), zone),
		cellTime(a.GetMeetingEndTime(), zone), hours, competences(a.GetCompetences()), a.GetCommuneCode(), a.GetCommuneName(),
		countersignerPhrases[a.GetCountersigner()].fr, "", "", "", cellTime(a.GetIssueTime(), parisZone), issuerName(a.GetIssuer()),
		cmp.Or(stateWords[a.GetReason()], "invérifiable"), cellTime(a.GetRevokeTime(), parisZone), a.GetRevokeReason(), s.GetUrl(),
	}
}

// badgeRow is in the same columns, so that one table has all of a person; a badge has no hours.
func badgeRow(s *meetingsv1.StructureAttestation) []string {
	b := s.GetBadge()
	by := ""
	if b.GetCategory() != 0 {
		by = recognisedBy(int(b.GetPeerCount()), french)
	}
	return []string{
		s.GetHolderName(), "Badge", "", "", "", "", "", "", "", "", "", "", "",
		categoryPhrases[b.GetCategory()].fr, levelPhrases[b.GetLevel()].fr, by, cellTime(b.GetIssueTime(), parisZone), issuerName(b.GetIssuer()),
		cmp.Or(badgeStateWords[b.GetReason()], "invérifiable"), cellTime(b.GetRevokeTime(), parisZone), b.GetRevokeReason(), s.GetUrl(),
	}
}

// cellTime is «24/11/2026 18:30», by the clocks there.
func cellTime(at *timestamppb.Timestamp, zone string) string {
	if at == nil {
		return ""
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC // checked when the meeting was planned
	}
	return at.AsTime().In(place).Format("02/01/2006 15:04")
}

// harmless makes a cell a text: programs that open a table take what begins with one of these signs for a formula, and run it. They look past
// white space.
func harmless(cell string) string {
	begin := strings.TrimLeft(cell, " \u00a0")
	if begin != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠|", []rune(begin)[0]) {
		return "'" + cell
	}
	return cell
}
