package access

import "github.com/classcode/maillage/pkg/errs"

// What a caller who is not let through is told.
var (
	ErrTokenMissing = errs.New(errs.Unauthenticated, "TOKEN_MISSING",
		"Please sign in first.",
		"Connectez-vous d'abord.")
	ErrTokenExpired = errs.New(errs.Unauthenticated, "TOKEN_EXPIRED",
		"Your session has expired; please sign in again.",
		"Votre session a expiré ; reconnectez-vous.")
	ErrTokenInvalid = errs.New(errs.Unauthenticated, "TOKEN_INVALID",
		"Your session is not valid; please sign in again.",
		"Votre session n'est pas valide ; reconnectez-vous.")
	// A KeySet may wrap this one to say that its keys are out of reach.
	ErrIssuerUnavailable = errs.New(errs.Unavailable, "ISSUER_UNAVAILABLE",
		"The sign-in service does not answer for the moment; please try again shortly.",
		"Le service de connexion ne répond pas pour le moment ; réessayez dans un instant.")
	ErrNotPermitted = errs.New(errs.Denied, "NOT_PERMITTED",
		"Your roles do not allow this.",
		"Vos rôles ne permettent pas cette action.")
)
