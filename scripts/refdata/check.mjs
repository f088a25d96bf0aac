// Compares the positions with an independent table of communes (columns insee_com, lat, lng), which is
// not part of the project. Usage: npm run check -- <path of that table>
import { join } from 'node:path'
import { readCsv } from './csv.mjs'
import { distanceKm, quantile } from './geo.mjs'
import { outputFolder } from './sources.mjs'

const number = (text) => (text === '' ? NaN : Number(text))
const reference = new Map(readCsv(process.argv[2])
  .map((row) => [row.insee_com, { lat: number(row.lat), lon: number(row.lng) }])
  .filter(([, point]) => !Number.isNaN(point.lat)))
const rows = readCsv(join(outputFolder, 'communes.csv'))

const groups = {
  'EXACT, mainland and Corsica': (r) => r.precision === 'EXACT' && r.code < '97',
  'EXACT, overseas': (r) => r.precision === 'EXACT' && r.code >= '97',
  'ESTIMATED, mainland and Corsica': (r) => r.precision === 'ESTIMATED' && r.code < '97',
  'ESTIMATED, overseas': (r) => r.precision === 'ESTIMATED' && r.code >= '97',
  NONE: (r) => r.precision === 'NONE',
}
console.log('| precision | rows | population | compared | median km | p95 km | max km |\n|---|---|---|---|---|---|---|')
for (const [name, belongs] of Object.entries(groups)) {
  const members = rows.filter(belongs)
  // Arrondissements repeat their commune's population.
  const people = members.filter((r) => r.kind === 'COMMUNE').reduce((sum, r) => sum + Number(r.population), 0)
  const errors = members.filter((r) => r.lat !== '' && reference.has(r.code))
    .map((r) => distanceKm({ lat: Number(r.lat), lon: Number(r.lon) }, reference.get(r.code)))
  const km = (q) => (errors.length > 0 ? quantile(errors, q).toFixed(1) : '—')
  console.log(`| ${name} | ${members.length} | ${people} | ${errors.length} | ${km(0.5)} | ${km(0.95)} | ${km(1)} |`)
}
