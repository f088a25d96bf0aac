package domain

import "github.com/classcode/maillage/pkg/errs"

// The open licences of practice sheets, as SPDX calls them.
const (
	publicDomain = "CC0-1.0"
	attribution  = "CC-BY-4.0"
	shareAlike   = "CC-BY-SA-4.0"
	openLicence  = "etalab-2.0"
)

// ErrSheetLicence says that the origin does not allow a licence.
var ErrSheetLicence = errs.New(errs.Invalid, "LICENCE_NOT_ALLOWED_BY_ORIGIN",
	"The licence of the sheet that this one is made from does not allow this licence; choose the same one.",
	"La licence de la fiche dont celle-ci est tirée ne permet pas cette licence ; choisissez la même.")

// allows says whether what is made from a work under one licence may stand under another: as much must be asked of others as was asked.
func allows(origin, derived string) bool {
	switch origin {
	case publicDomain:
		return true
	case attribution, openLicence:
		return derived != publicDomain
	}
	return derived == origin // share-alike
}
