// Spacing, case and kinds of the places. The source is typed by hand by hundreds of people.
import { fold } from './geo.mjs'

const SMALL_WORDS = ['a', 'à', 'au', 'aux', 'd', 'dans', 'de', 'des', 'du', 'en', 'et', 'l', 'la', 'le', 'les', 'lès', 'par', 'pour', 'sous', 'sur']
const ACRONYMS = ['ACAPASSAV', 'ADEA', 'ADMR', 'AFPA', 'AFR', 'AIME', 'ALCC', 'ALFA3A', 'APF', 'ARQA', 'CAF', 'CAFES', 'CAPLAB', 'CCAS',
  'CLSH', 'EFS', 'EPI', 'EPN', 'ESAAA', 'EVS', 'FACE', 'FJEP', 'MDH', 'MJC', 'MPT', 'MSA', 'MSAP', 'PIJ', 'PIMMS', 'PMS', 'POSSE', 'SAVNET', 'UDAF', 'VIVA']

const spaces = (text) => text.normalize('NFC').replaceAll('&amp;', '&').replace(/[\s\u00a0]+/g, ' ').replace(/ ([,)])/g, '$1').replaceAll('( ', '(').trim()

// An unpaired quotation mark is a leftover of a broken export.
const pairQuotes = (text) => ((text.match(/"/g) ?? []).length % 2 === 0 ? text : spaces(text.replaceAll('"', ' ')))

// Only a text written wholly in capitals is touched: mixed case may be someone's choice.
function calm(text) {
  if (/\p{Ll}/u.test(text) || !/\p{Lu}{5}|\p{L}\s+\p{L}/u.test(text)) return text
  let first = true
  return text.replace(/[\p{L}\p{N}]+/gu, (word) => {
    const lower = word.toLowerCase()
    const small = !first && SMALL_WORDS.includes(lower)
    first = false
    if (ACRONYMS.includes(word) || /\d/.test(word)) return word
    return small ? lower : word[0] + lower.slice(1)
  })
}

const capital = (text) => text.replace(/^\p{Ll}(?!['’@])/u, (letter) => letter.toUpperCase())

export const cleanName = (text = '') => capital(calm(pairQuotes(spaces(text))))

// The entry form's example is left in some rows; the postcode and the town have their own columns.
const FORM_EXAMPLE = '(ex. 12 allée des Glycines)'
export function cleanAddress(text = '', postcode) {
  const street = spaces(text.replace(FORM_EXAMPLE, ' ')).replace(/^\((?!.*\))/, '').replace(new RegExp(`[\\s,-]*\\b${postcode}\\b.*$`), '')
  return calm(street)
}

const DAYS = '(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su|PH))*'
const SPAN = '\\d\\d:\\d\\d-\\d\\d:\\d\\d'
const RULE = `${DAYS} (?:off|${SPAN}(?:,${SPAN})*)`
const OPENING_HOURS = new RegExp(`^${RULE}(?:; ${RULE})*$`)
export const openingHours = (text = '') => (OPENING_HOURS.test(text) ? text : '')

export function cleanWebsite(text = '') {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : ''
}

// The source has no type of place, so the kind is read from the name; a place may have several.
const KINDS = {
  ASSOCIATION: /\bassociation|\bafr\b|emmaus|restos du coeur|familles? rurale|accorderie|secours|croix rouge|\bligue\b|federation/,
  EDUCATION: /\becole\b|canope\b|\bcampus\b/,
  EMPLOYMENT: /emploi|mission locale|\bafpa\b|metiers/,
  FRANCE_SERVICES: /frances? services?|\bmsap\b|\befs\b|maison (de|des) services?|services? au public/,
  MAKERSPACE: /fab ?lab|tiers lieu|\bcaplab\b|atelier numerique/,
  MEDIA_LIBRARY: /mediatheque|bibliotheque|ludotheque|biblio/,
  POST_OFFICE: /\bla poste\b|bureau de poste/,
  PUBLIC_DIGITAL_SPACE: /\bepn\b|espace public[a-z]* num|espace numerique|espace cyber|cyber ?base|cyber ?espace|cybercentre|mediation numerique|conseill\w+ numerique|assistant numerique/,
  SOCIAL_CENTRE: /centres? soci|socio ?culturel|vie sociale|\bevs\b|\bmjc\b|maison des jeunes|maison pour tous|\bmpt\b|maison de quartier|maison des habitant|\bmdh\b/,
  SOCIAL_SERVICES: /\bccas\b|action sociale|solidarites?\b|\bpms\b|allocations familiales|\budaf\b|\bmsa\b|mutualite/,
  TOWN_HALL: /\bmairie\b|hotel de ville/,
  YOUTH: /information jeunesse|infos? jeunes|\bcrij\b|\bpij\b|\bbij\b|mission locale|pole jeunesse|jeunesse/,
}
export function kindsOf(name) {
  const folded = fold(name)
  const kinds = Object.keys(KINDS).filter((kind) => KINDS[kind].test(folded))
  return kinds.length > 0 ? kinds : ['OTHER']
}
