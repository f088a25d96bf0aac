// From a postcode and a name as people type it to a commune code.
import { distanceKm, fold, groupBy } from './geo.mjs'

const SAME_TOWN_KM = 20

// Articles and word breaks vary from one writer to the next: «Le Mont-Dore», «sur-lHerbasse».
const keyOf = (text) => fold(text).replace(/^(les?|la|l) /, '').replaceAll(' ', '')

// «ANNECY CEDEX 03», «Cran-Gevrier - Annecy», «Mably (Loire)»: every reading, the whole text first.
function readings(text) {
  const bare = text.replace(/\bcedex\b.*$/i, '').replace(/\(.*?\)/g, ' ')
  return [...new Set([bare, ...bare.split(/\s-\s|[/,]/)].map(keyOf))].filter((key) => key !== '')
}

export function communeResolver({ communes, arrondissements, delegated, associated }, positions) {
  const byCode = new Map(communes.map((c) => [c.code, c]))
  const entry = (name, code, rank) => ({ key: keyOf(name), code, rank, commune: byCode.get(code) })
  // Rank 0: the commune's own name; rank 1: a delegated or associated commune that belongs to it.
  const entries = [
    ...communes.map((c) => entry(c.nom, c.code, 0)),
    ...[...delegated, ...associated].map((c) => entry(c.nom, c.chefLieu, 1)),
  ]
  const byPostcode = groupBy(entries.flatMap((e) => (e.commune.codesPostaux ?? []).map((postcode) => ({ ...e, postcode }))), (e) => e.postcode)
  const byDepartment = groupBy(entries, (e) => e.commune.departement)

  const arrondissementOf = (code, postcode) => {
    const matches = arrondissements.filter((a) => a.commune === code && a.codesPostaux.includes(postcode))
    return matches.length === 1 ? matches[0].code : code
  }
  const only = (list) => {
    const codes = new Set(list.map((e) => e.code))
    return codes.size === 1 ? list[0].code : undefined
  }
  const best = (list) => only(list.filter((e) => e.rank === 0)) ?? only(list)

  return (postcode, text, point) => {
    const here = byPostcode.get(postcode) ?? []
    const around = (byDepartment.get(postcode.startsWith('97') ? postcode.slice(0, 3) : postcode.slice(0, 2)) ?? [])
      .filter((e) => positions.get(e.code).lat !== undefined && distanceKm(positions.get(e.code), point) < SAME_TOWN_KM)
    const attempts = [
      (key) => best(here.filter((e) => e.key === key)),
      (key) => best(around.filter((e) => e.key === key)),
      // «Livron» for Livron-sur-Drôme, «Vorey sur Arzon» for Vorey.
      (key) => best(here.filter((e) => e.key.startsWith(key) || key.startsWith(e.key))),
    ]
    for (const attempt of attempts) {
      for (const key of readings(text)) {
        const code = attempt(key)
        if (code) return arrondissementOf(code, postcode)
      }
    }
    return undefined
  }
}
