// Compacts the public sources into the CSV files that services/mesh embeds. Same packages, same bytes.
import { join } from 'node:path'
import { writeCsv } from './csv.mjs'
import { buildAliases, buildCommunes } from './communes.mjs'
import { buildPlaces } from './places.mjs'
import { locateCommunes } from './positions.mjs'
import { outputFolder, readSources } from './sources.mjs'
import { buildDenominators, buildDepartmentAcademies, buildTerritories } from './territories.mjs'

const sources = readSources()
const aliases = buildAliases(sources)
const currentOf = new Map([
  ...aliases.map((a) => [a.code, a.current]),
  ...sources.communes.map((c) => [c.code, c.code]),
])
const { positions, rejected } = locateCommunes(sources, currentOf)
const communes = buildCommunes(sources, positions)
const places = buildPlaces(sources, positions)

const files = {
  territories: [buildTerritories(sources), 'code,kind,grid,parent,name,valid_from,valid_to,vintage,successor'],
  department_academies: [buildDepartmentAcademies(sources), 'department,academy,valid_from,valid_to'],
  denominators: [buildDenominators(sources), 'set,code,valid_from,valid_to,source'],
  communes: [communes, 'code,kind,name,parent,department,postcodes,population,lat,lon,precision'],
  aliases: [aliases, 'code,current,kind,name'],
  places: [places.kept, 'id,source_id,name,commune,address,postcode,lat,lon,opening_hours,kinds,website,updated'],
  places_rejected: [places.rejected, 'source_id,reason_code,reason'],
}
for (const [name, [rows, columns]] of Object.entries(files)) {
  writeCsv(join(outputFolder, `${name}.csv`), columns.split(','), rows)
  console.log(`${name}: ${rows.length} rows`)
}
console.log(`GeoNames points rejected as isolated: ${rejected.join(' ') || 'none'}`)
