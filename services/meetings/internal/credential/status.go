package credential

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	statusPath = "/v1/credentials/status/"
	revocation = "revocation"
)

// status says where to look whether a credential was revoked (Bitstring Status List 1.0).
type status struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Purpose    string `json:"statusPurpose"`
	Index      string `json:"statusListIndex"`
	Credential string `json:"statusListCredential"`
}

func (s *Signer) entry(at domain.StatusEntry) *status {
	if at.List == 0 {
		return nil
	}
	list, index := s.listURL(at.List), strconv.Itoa(at.Index)
	return &status{ID: list + "#" + index, Type: "BitstringStatusListEntry", Purpose: revocation, Index: index, Credential: list}
}

func (s *Signer) listURL(list int) string { return s.door + statusPath + strconv.Itoa(list) }

func (e status) read() (domain.StatusEntry, error) {
	_, number, found := strings.Cut(e.Credential, statusPath)
	list, err := strconv.Atoi(number)
	if err != nil || !found {
		return domain.StatusEntry{}, errOther
	}
	index, err := strconv.Atoi(e.Index)
	return domain.StatusEntry{List: list, Index: index}, err
}

// listDocument is a status list as a credential.
type listDocument struct {
	Context   []string    `json:"@context"`
	ID        string      `json:"id"`
	Type      []string    `json:"type"`
	Issuer    string      `json:"issuer"`
	ValidFrom string      `json:"validFrom"`
	Subject   listSubject `json:"credentialSubject"`
	Proof     *proof      `json:"proof,omitempty"`
}

type listSubject struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Purpose string `json:"statusPurpose"`
	List    string `json:"encodedList"`
}

// StatusList makes the credential that publishes a list.
func (s *Signer) StatusList(list domain.StatusList) (string, error) {
	bits, err := encodeBits(list.Revoked)
	if err != nil {
		return "", fmt.Errorf("status list %d: %w", list.ID, err)
	}
	d := listDocument{
		Context: []string{credentialsV2}, ID: s.listURL(list.ID), Type: []string{verifiable, "BitstringStatusListCredential"},
		Issuer: s.issuer, ValidFrom: stamp(list.ChangeTime),
		Subject: listSubject{ID: s.listURL(list.ID) + "#list", Type: "BitstringStatusList", Purpose: revocation, List: bits},
	}
	if d.Proof, err = s.prove(d, d.Context, d.ValidFrom); err != nil {
		return "", fmt.Errorf("status list %d: %w", list.ID, err)
	}
	text, err := json.Marshal(d)
	return string(text), err
}

// encodeBits writes a list with some bits set: the first bit is the highest of the first byte.
func encodeBits(set []int) (string, error) {
	bits := make([]byte, domain.StatusListLength/8)
	for _, at := range set {
		bits[at/8] |= 1 << (7 - at%8)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(bits); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return "u" + base64.RawURLEncoding.EncodeToString(zipped.Bytes()), nil
}
