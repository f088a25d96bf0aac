package gateway

import (
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// partPhrases say who had which part.
var partPhrases = map[meetingsv1.AttestationRole]phrase{
	meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT: {"took part", "a participé"},
	meetingsv1.AttestationRole_ATTESTATION_ROLE_ORGANISER:   {"organised", "a organisé"},
	meetingsv1.AttestationRole_ATTESTATION_ROLE_FACILITATOR: {"facilitated", "a animé"},
}

// countersignerPhrases say in which quality a meeting was countersigned.
var countersignerPhrases = map[meetingsv1.Countersigner]phrase{
	meetingsv1.Countersigner_COUNTERSIGNER_COORDINATOR: {"by a coordinator of the territory", "par une coordination du territoire"},
	meetingsv1.Countersigner_COUNTERSIGNER_RELAY:       {"by a relay of the hosting structure", "par un relais de la structure d'accueil"},
}

// wrongPhrases say why an attestation is refused.
var wrongPhrases = map[meetingsv1.InvalidReason]refusalPhrase{
	meetingsv1.InvalidReason_INVALID_REASON_MALFORMED: {phrase{"This is no attestation of ours", "Ce n'est pas une attestation d'ici"}, phrase{
		"It has not the form of one, or a part of it is missing. Copy all of it and try again.",
		"Elle n'en a pas la forme, ou il en manque une partie. Copiez-la en entier et réessayez."}},
	meetingsv1.InvalidReason_INVALID_REASON_WRONG_ISSUER: {phrase{"This attestation was issued elsewhere", "Cette attestation a été délivrée ailleurs"}, phrase{
		"Whoever it names as its issuer can tell whether it is genuine; this site cannot.",
		"Seul l'émetteur qu'elle indique peut dire si elle est authentique ; ce site ne le peut pas."}},
	meetingsv1.InvalidReason_INVALID_REASON_UNKNOWN_KEY: {phrase{"This attestation is not genuine", "Cette attestation n'est pas authentique"}, phrase{
		"It says that it was issued here, and was signed with a key that is not ours.",
		"Elle se dit délivrée ici, mais elle a été signée avec une clé qui n'est pas la nôtre."}},
	meetingsv1.InvalidReason_INVALID_REASON_BAD_SIGNATURE: {phrase{"This attestation is not genuine", "Cette attestation n'est pas authentique"}, phrase{
		"It was changed after it was signed, if only by one letter. Ask the holder for the original.",
		"Elle a été modifiée après sa signature, ne serait-ce que d'une lettre. Demandez l'original à son titulaire."}},
	meetingsv1.InvalidReason_INVALID_REASON_UNKNOWN_ATTESTATION: {phrase{"This attestation is not known here", "Cette attestation n'est pas connue ici"}, phrase{
		"It was signed with our key, and this site has no trace of it. Ask whoever coordinates the territory.",
		"Elle a été signée avec notre clé, mais ce site n'en a pas trace. Demandez à la coordination du territoire."}},
	meetingsv1.InvalidReason_INVALID_REASON_REVOKED: {phrase{"This attestation was revoked", "Cette attestation a été révoquée"}, phrase{
		"It was issued here and has not been changed, but it no longer holds.",
		"Elle a bien été délivrée ici et n'a pas été modifiée, mais elle n'est plus valable."}},
	meetingsv1.InvalidReason_INVALID_REASON_EXPIRED: {phrase{"This attestation has expired", "Cette attestation a expiré"}, phrase{
		"It was issued here and has not been changed, but it held for a time only.",
		"Elle a bien été délivrée ici et n'a pas été modifiée, mais elle n'était valable qu'un temps."}},
}

func wrongAttestation(reason meetingsv1.InvalidReason, lang tongue) linkView {
	p := wrongPhrases[reason]
	return linkView{Heading: lang.of(p.heading), Texts: []string{lang.of(p.text)}}
}
