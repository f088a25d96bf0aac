// Communes, municipal arrondissements, and the old codes that lead to a current commune.
import { by } from './csv.mjs'

// Delegated and associated communes first: their entry also has a name, which helps to resolve an address.
export function buildAliases({ communes, delegated, associated }) {
  const current = new Set(communes.map((c) => c.code))
  const aliases = new Map()
  const add = (code, to, kind, name) => {
    if (!current.has(code) && !aliases.has(code)) aliases.set(code, { code, current: to, kind, name })
  }
  for (const c of delegated) add(c.code, c.chefLieu, 'DELEGATED', c.nom)
  for (const c of associated) add(c.code, c.chefLieu, 'ASSOCIATED', c.nom)
  for (const c of communes) for (const old of c.anciensCodes ?? []) add(old, c.code, 'FORMER', '')
  return [...aliases.values()].sort(by('code'))
}

const degrees = (value) => (value === undefined ? '' : value.toFixed(5))

export function buildCommunes({ communes, arrondissements }, positions) {
  const row = (c, kind, parent) => ({
    code: c.code, kind, name: c.nom, parent, department: `DEP-${c.departement}`,
    postcodes: (c.codesPostaux ?? []).join(' '), population: c.population,
    lat: degrees(positions.get(c.code).lat), lon: degrees(positions.get(c.code).lon),
    precision: positions.get(c.code).precision,
  })
  return [
    ...communes.map((c) => row(c, 'COMMUNE', `DEP-${c.departement}`)),
    ...arrondissements.map((c) => row(c, 'MUNICIPAL_ARRONDISSEMENT', c.commune)),
  ].sort(by('code'))
}
