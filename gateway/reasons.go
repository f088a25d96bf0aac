package gateway

import "github.com/classcode/maillage/pkg/errs"

// What the door itself refuses, before any service is called.
var (
	errMalformedJSON = errs.New(errs.Invalid, "MALFORMED_JSON",
		"The body is not a well-formed JSON object.",
		"Le corps de la requête n'est pas un objet JSON bien formé.")
	errUnknownField = errs.New(errs.Invalid, "UNKNOWN_FIELD",
		"This field does not exist.",
		"Ce champ n'existe pas.")
	errDuplicateField = errs.New(errs.Invalid, "DUPLICATE_FIELD",
		"This field is given twice.",
		"Ce champ est donné deux fois.")
	errInvalidValue = errs.New(errs.Invalid, "INVALID_VALUE",
		"This value does not fit the field's type.",
		"Cette valeur ne convient pas au type du champ.")
	errUnknownParameter = errs.New(errs.Invalid, "UNKNOWN_PARAMETER",
		"This query parameter does not exist here.",
		"Ce paramètre n'existe pas pour cette adresse.")
	errMalformedQuery = errs.New(errs.Invalid, "MALFORMED_QUERY",
		"The part of the address after \"?\" cannot be read.",
		"La partie de l'adresse qui suit « ? » est illisible.")
	errMalformedPath = errs.New(errs.Invalid, "MALFORMED_PATH",
		"The address cannot be read.",
		"L'adresse est illisible.")
	errHeader = errs.New(errs.Invalid, "INVALID_HEADER",
		"This header is given twice or has no valid value.",
		"Cet en-tête est donné deux fois ou n'a pas de valeur valide.")
	errRequestIDConflict = errs.New(errs.Invalid, "REQUEST_ID_CONFLICT",
		"The Idempotency-Key header and request_id differ; give one of them.",
		"L'en-tête Idempotency-Key et request_id diffèrent ; n'en donnez qu'un.")
	errBodyUnreadable = errs.New(errs.Invalid, "BODY_UNREADABLE",
		"The body did not arrive whole.",
		"Le corps de la requête n'est pas arrivé en entier.")

	errBodyTooLarge = errs.New(errs.Invalid, "BODY_TOO_LARGE",
		"The body is larger than what is accepted here.",
		"Le corps de la requête dépasse la taille acceptée.")
	errMediaType = errs.New(errs.Invalid, "UNSUPPORTED_MEDIA_TYPE",
		"The body must be JSON in UTF-8, not compressed: Content-Type application/json.",
		"Le corps doit être du JSON en UTF-8, non compressé : Content-Type application/json.")
	errMethod = errs.New(errs.Invalid, "METHOD_NOT_ALLOWED",
		"This address exists, but not for this method.",
		"Cette adresse existe, mais pas pour cette méthode.")
	errRoute = errs.New(errs.NotFound, "ROUTE_NOT_FOUND",
		"Nothing stands at this address; see /docs.",
		"Il n'y a rien à cette adresse ; voir /docs.")
	errOrigin = errs.New(errs.Denied, "ORIGIN_NOT_ALLOWED",
		"Pages of this origin may not call this service.",
		"Les pages de cette origine ne peuvent pas appeler ce service.")
	errUnimplemented = errs.New(errs.Internal, "UNIMPLEMENTED",
		"The service does not offer this yet.",
		"Le service n'offre pas encore cette possibilité.")
)
