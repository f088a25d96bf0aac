// The places for digital mediation: cleaned, checked, and either kept or rejected with a reason.
import { createHash } from 'node:crypto'
import { by } from './csv.mjs'
import { communeResolver } from './resolve.mjs'
import { distanceKm, fold } from './geo.mjs'
import { cleanAddress, cleanName, cleanWebsite, kindsOf, openingHours } from './clean.mjs'

const URL_NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex') // RFC 9562, appendix on namespaces
const DUPLICATE_KM = 0.05
const MAX_KM = { EXACT: 25, ESTIMATED: 40 }
// Source ids of sole traders under a family name: no personal data goes into the reference files.
const NAMED_AFTER_A_PERSON = ['440']

// South, north, west, east: mainland and Corsica, then each inhabited overseas territory.
const FRANCE = [
  [41.3, 51.2, -5.3, 9.7], [15.7, 18.2, -63.2, -60.9], [14.3, 15.0, -61.3, -60.7], [2.0, 5.9, -54.7, -51.5],
  [-21.5, -20.7, 55.1, 55.9], [-13.1, -12.5, 44.9, 45.4], [46.7, 47.2, -56.5, -56.0], [-28.0, -7.0, -155.0, -134.0],
  [-23.0, -19.0, 163.0, 169.0], [-14.5, -13.0, -178.5, -175.9],
]
const insideFrance = ({ lat, lon }) => FRANCE.some(([s, n, w, e]) => lat >= s && lat <= n && lon >= w && lon <= e)
const onEarth = ({ lat, lon }) => Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && !(lat === 0 && lon === 0)

// UUID version 5: the same source id gives the same id at every generation.
export function placeId(sourceId) {
  const name = `urn:maillage:place:anct-hinaura:${sourceId}`
  const bytes = createHash('sha1').update(URL_NAMESPACE).update(name).digest().subarray(0, 16)
  bytes[6] = (bytes[6] & 0x0f) | 0x50
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function reasonToReject(source, name, point, commune, positions, kept) {
  if (name === '') return ['NAME_EMPTY', 'The name is empty']
  if (NAMED_AFTER_A_PERSON.includes(source.id)) return ['NAME_OF_A_PERSON', 'The name is that of a natural person']
  if (!onEarth(point)) return ['POSITION_INVALID', 'The position is missing or out of range']
  if (!insideFrance(point)) return ['POSITION_OUTSIDE_FRANCE', 'The position is outside France']
  if (!commune) return ['COMMUNE_UNRESOLVED', `No commune for ${source.code_postal} ${source.commune}`]
  const centre = positions.get(commune)
  const km = distanceKm(point, centre)
  if (km > MAX_KM[centre.precision]) return ['POSITION_FAR_FROM_COMMUNE', `${Math.round(km)} km from the centre of ${commune}`]
  const twin = kept.find((p) => p.commune === commune && fold(p.name) === fold(name) && distanceKm(p.point, point) <= DUPLICATE_KM)
  return twin && ['DUPLICATE', `Same name and commune as source id ${twin.source_id}, within 50 m`]
}

export function buildPlaces(sources, positions) {
  const resolve = communeResolver(sources, positions)
  const kept = []
  const rejected = []
  // The latest update first, so that it is the one kept among duplicates.
  const newestFirst = [...sources.places].sort((a, b) => by('date_maj')(b, a) || Number(a.id) - Number(b.id))
  for (const source of newestFirst) {
    const name = cleanName(source.nom)
    const point = { lat: Number(source.latitude), lon: Number(source.longitude) }
    const commune = resolve(source.code_postal, source.commune, point)
    const refusal = reasonToReject(source, name, point, commune, positions, kept)
    if (refusal) {
      rejected.push({ source_id: source.id, reason_code: refusal[0], reason: refusal[1] })
      continue
    }
    kept.push({
      id: placeId(source.id), source_id: source.id, name, commune, point,
      address: cleanAddress(source.adresse, source.code_postal), postcode: source.code_postal,
      lat: point.lat.toFixed(5), lon: point.lon.toFixed(5), opening_hours: openingHours(source.horaires),
      kinds: kindsOf(name).join(' '), website: cleanWebsite(source.site_web), updated: source.date_maj,
    })
  }
  const bySourceId = (a, b) => Number(a.source_id) - Number(b.source_id)
  return { kept: kept.sort(bySourceId), rejected: rejected.sort(bySourceId) }
}
