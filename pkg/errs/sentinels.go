package errs

import (
	"unicode"
	"unicode/utf8"
)

// What every service may answer. A service's own sentinels stand in its domain.
var (
	ErrInternal = New(Internal, "INTERNAL",
		"Something went wrong on our side; the team has been told.",
		"Une erreur est survenue de notre côté ; l'équipe est prévenue.")
	ErrUnavailable = New(Unavailable, "UNAVAILABLE",
		"The service is not available for the moment; please try again shortly.",
		"Le service est momentanément indisponible ; réessayez dans un instant.")
	ErrDeadline = New(DeadlineExceeded, "DEADLINE_EXCEEDED",
		"The answer took too long; please try again.",
		"La réponse a pris trop de temps ; réessayez.")
	ErrCanceled = New(Canceled, "CANCELED",
		"The call was cancelled by its caller.",
		"L'appel a été annulé par son auteur.")

	ErrInvalid = New(Invalid, "INVALID_ARGUMENT",
		"The request is not valid.",
		"La demande n'est pas valide.")
	ErrRequired = New(Invalid, "FIELD_REQUIRED",
		"This field is required.",
		"Ce champ est obligatoire.")
	ErrPageToken = New(Invalid, "PAGE_TOKEN_INVALID",
		"This page token does not belong to this list; start again from the first page.",
		"Ce jeton de page ne correspond pas à cette liste ; reprenez à la première page.")
	ErrPageSize = New(Invalid, "PAGE_SIZE_INVALID",
		"The page size must not be negative.",
		"La taille de page ne peut pas être négative.")
	ErrFilter = New(Invalid, "FILTER_INVALID",
		"The filter cannot be understood.",
		"Le filtre ne peut pas être interprété.")
	ErrOrder = New(Invalid, "ORDER_BY_INVALID",
		"The list cannot be sorted this way.",
		"La liste ne peut pas être triée ainsi.")
	ErrMask = New(Invalid, "FIELD_MASK_INVALID",
		"The field mask names a field that does not exist or cannot be changed.",
		"Le masque de champs désigne un champ inexistant ou non modifiable.")

	ErrUnauthenticated = New(Unauthenticated, "UNAUTHENTICATED",
		"Please sign in first.",
		"Connectez-vous d'abord.")
	ErrDenied = New(Denied, "PERMISSION_DENIED",
		"Your roles do not allow this.",
		"Vos rôles ne permettent pas cette action.")

	ErrNotFound = New(NotFound, "NOT_FOUND",
		"Nothing was found under this identifier.",
		"Rien ne correspond à cet identifiant.")
	ErrExists = New(AlreadyExists, "ALREADY_EXISTS",
		"This already exists.",
		"Cet élément existe déjà.")

	ErrStaleEtag = New(Stale, "ETAG_MISMATCH",
		"Someone changed this in the meantime; read it again before changing it.",
		"Quelqu'un l'a modifié entre-temps ; relisez-le avant de le modifier.")
	ErrAborted = New(Aborted, "ABORTED",
		"Another change came first; please try again.",
		"Une autre modification est passée avant ; réessayez.")
	ErrRequestReused = New(Precondition, "REQUEST_ID_REUSED",
		"This request_id was already used with another content.",
		"Ce request_id a déjà servi pour un autre contenu.")
	ErrRequestInFlight = New(Aborted, "REQUEST_IN_FLIGHT",
		"The same request is still being handled; please try again shortly.",
		"La même demande est encore en cours de traitement ; réessayez dans un instant.")

	ErrExhausted = New(Exhausted, "RESOURCE_EXHAUSTED",
		"Too many requests at the moment; please try again shortly.",
		"Trop de demandes en ce moment ; réessayez dans un instant.")
)

// Missing says that a resource does not exist, in its own words: errs.Missing("meeting", "réunion"). It is ErrNotFound for errors.Is.
func Missing(nounEN, nounFR string) *Error {
	// Both adjectives fit any gender in French, so the noun is all that is needed.
	return New(NotFound, ErrNotFound.Reason, capital(nounEN)+" not found.", capital(nounFR)+" introuvable.")
}

// Exists says that a resource exists already: errs.Exists("relay", "relais"). It is ErrExists for errors.Is.
func Exists(nounEN, nounFR string) *Error {
	return New(AlreadyExists, ErrExists.Reason, capital(nounEN)+" already exists.", capital(nounFR)+" : existe déjà.")
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
