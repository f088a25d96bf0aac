package domain

import (
	"slices"

	"github.com/classcode/maillage/pkg/errs"
)

// competences are the numbers of the CRCN, the French framework of digital competences: sixteen, in five domains.
var competences = []string{
	"1.1", "1.2", "1.3", // information and data
	"2.1", "2.2", "2.3", "2.4", // communication and collaboration
	"3.1", "3.2", "3.3", "3.4", // creation of content
	"4.1", "4.2", "4.3", // protection and safety
	"5.1", "5.2", // digital environment
}

// ErrCompetence says that a module names a competence that the CRCN has not, or names one twice.
var ErrCompetence = errs.New(errs.Invalid, "COMPETENCE",
	"Name each competence once, by its number in the CRCN, from 1.1 to 5.2, in their order.",
	"Citez chaque compétence une fois, par son numéro dans le CRCN, de 1.1 à 5.2, dans l'ordre.")

// checkCompetences wants competences of the CRCN, in its order, each once.
func checkCompetences(codes []string) error {
	last := -1
	for _, code := range codes {
		at := slices.Index(competences, code)
		if at <= last {
			return ErrCompetence.At("competences").With("competence", code)
		}
		last = at
	}
	return nil
}
