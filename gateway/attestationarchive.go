package gateway

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// attestationArchive is a ZIP of the signed attestations and badges that are shown as a whole, with the table of all behind them: a row is a tenth of an
// attestation, and is kept until then.
type attestationArchive struct {
	zip   *zip.Writer
	table *attestationTable
	rows  *bytes.Buffer
	files int
}

func newAttestationArchive(w io.Writer) (*attestationArchive, error) {
	a := &attestationArchive{zip: zip.NewWriter(w), rows: &bytes.Buffer{}}
	var err error
	a.table, err = newAttestationTable(a.rows, true)
	if err == nil {
		a.table.file = a.add
	}
	return a, err
}

// add puts a signed attestation or badge into the archive, where it is shown. It is a text that compression gains little on.
func (a *attestationArchive) add(s *meetingsv1.StructureAttestation) (name string, err error) {
	credential, folder := s.GetAttestation().GetCredential(), "attestations"
	if s.GetBadge() != nil {
		credential, folder = s.GetBadge().GetCredential(), "badges"
	}
	if credential == "" {
		return "", nil
	}
	a.files++
	name = fmt.Sprintf("%s/%05d.jwt", folder, a.files)
	file, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = io.WriteString(file, credential)
	}
	if err != nil {
		return "", fmt.Errorf("archive of attestations: %w", err)
	}
	return name, nil
}

func (a *attestationArchive) write(page []*meetingsv1.StructureAttestation) error {
	if err := a.table.write(page); err != nil {
		return err
	}
	return a.zip.Flush()
}

func (a *attestationArchive) close() error {
	if err := a.table.close(); err != nil {
		return err
	}
	file, err := a.zip.Create("attestations.csv")
	if err == nil {
		_, err = a.rows.WriteTo(file)
	}
	if err != nil {
		return fmt.Errorf("archive of attestations: %w", err)
	}
	return a.zip.Close()
}
