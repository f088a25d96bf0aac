// Where each commune is: a GeoNames point when there is a sound one, otherwise an estimate from neighbours.
import { distanceKm, fold, groupBy, meanPoint } from './geo.mjs'

// GeoNames has its own country codes for what INSEE numbers as departments 975 to 988.
const COLLECTIVITIES = { PM: '975', BL: '977', MF: '978', WF: '986', PF: '987', NC: '988' }
const COUNTRIES = ['FR', 'GP', 'MQ', 'GF', 'RE', 'YT', ...Object.keys(COLLECTIVITIES)]
const INSEE = /^\d[\dAB]\d{3}$/
const MAX_ISOLATION_KM = 35 // Saintes-Maries-de-la-Mer and Allos really are 30 km from their neighbours.
const MIN_NEIGHBOURS = 3
// Vitry-en-Charollais is beside Paray-le-Monial; GeoNames puts it 36 km away, just under the limit above.
const KNOWN_WRONG = ['71588']

const namesOf = (point) => [point.name, ...point.otherNames].map(fold)

function candidatesByCommune({ communes, geonames }, currentOf) {
  const byDepartment = groupBy(communes, (c) => c.departement)
  const find = (point) => {
    const code = currentOf.get(point.adminCodes.find((admin) => INSEE.test(admin)))
    if (code || !(point.country in COLLECTIVITIES)) return code
    const locals = byDepartment.get(COLLECTIVITIES[point.country])
    return (locals.length === 1 ? locals[0] : locals.find((c) => namesOf(point).includes(fold(c.nom))))?.code
  }
  return groupBy(geonames.filter((point) => COUNTRIES.includes(point.country)), find)
}

// The village that bears the commune's name first, then the largest one.
function bestFirst(commune, points) {
  const bearsName = (point) => Number(namesOf(point).includes(fold(commune.nom)))
  return [...points].sort((a, b) => bearsName(b) - bearsName(a) || b.population - a.population || a.id - b.id)
}

function neighbourhoods({ communes, epci }, located) {
  const epciOf = new Map(epci.flatMap((e) => e.membres.map((m) => [m.code, e.code])))
  const known = communes.filter((c) => located.has(c.code))
  const byPostcode = groupBy(known.flatMap((c) => (c.codesPostaux ?? []).map((postcode) => ({ postcode, c }))), (p) => p.postcode)
  const byEpci = groupBy(known, (c) => epciOf.get(c.code))
  const byDistrict = groupBy(known, (c) => c.arrondissement)
  return (commune) => {
    const others = (list = []) => list.filter((c) => c.code !== commune.code)
    const samePostcode = others((commune.codesPostaux ?? []).flatMap((p) => (byPostcode.get(p) ?? []).map(({ c }) => c)))
    const sameEpci = others(byEpci.get(epciOf.get(commune.code)))
    const both = samePostcode.filter((c) => sameEpci.includes(c))
    return { both, samePostcode, sameEpci, sameDistrict: others(byDistrict.get(commune.arrondissement)) }
  }
}

// Homonyms filed under the wrong commune lie far from every located neighbour. Overseas, distances say nothing.
function isIsolated(commune, point, near, located) {
  const neighbours = [...near.samePostcode, ...near.sameEpci].map((c) => located.get(c.code))
  return KNOWN_WRONG.includes(commune.code) || (commune.zone === 'metro' && neighbours.length >= MIN_NEIGHBOURS &&
    neighbours.every((n) => distanceKm(point, n) > MAX_ISOLATION_KM))
}

export function locateCommunes(sources, currentOf) {
  const candidates = candidatesByCommune(sources, currentOf)
  const located = new Map()
  for (const commune of sources.communes) {
    const points = candidates.get(commune.code)
    if (points) located.set(commune.code, { ...bestFirst(commune, points)[0], precision: 'EXACT' })
  }
  const first = neighbourhoods(sources, located)
  const rejected = sources.communes.filter((c) => located.has(c.code) && isIsolated(c, located.get(c.code), first(c), located))
  for (const { code } of rejected) located.delete(code)

  const neighboursOf = neighbourhoods(sources, located)
  const positions = new Map(located)
  for (const commune of sources.communes.filter((c) => !located.has(c.code))) {
    const near = neighboursOf(commune)
    const nearest = [near.both, near.samePostcode, near.sameEpci, near.sameDistrict].find((list) => list.length > 0)
    positions.set(commune.code, nearest
      ? { ...meanPoint(nearest.map((c) => located.get(c.code))), precision: 'ESTIMATED' }
      : { precision: 'NONE' })
  }
  locateArrondissements(sources, candidates, positions)
  return { positions, rejected: rejected.map((c) => c.code) }
}

// GeoNames writes «Lyon 03». Where it has none (Paris), the city's own point stands in.
function locateArrondissements({ arrondissements }, candidates, positions) {
  for (const { code, nom, commune } of arrondissements) {
    const [, city, number] = /^(\S+) (\d+)/.exec(nom)
    const point = candidates.get(commune).find((p) => p.name === `${city} ${number.padStart(2, '0')}`)
    positions.set(code, point ? { ...point, precision: 'EXACT' } : { ...positions.get(commune), precision: 'ESTIMATED' })
  }
}
