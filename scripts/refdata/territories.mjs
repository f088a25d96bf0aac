// The nodes above communes, the departments of each academy, and the dated denominators.
import { by } from './csv.mjs'

const COG = 'COG2026'
const SPLIT = '2020-01-01' // Normandie replaces Caen and Rouen; Mayotte becomes an academy.
const REGION_LAW = '2016-01-01'
// The seven codes that the law of 16 January 2015 (n° 2015-29) created by merging older regions.
const MERGED_REGIONS = ['27', '28', '32', '44', '75', '76', '84']
const MAYOTTE = '06'

const isRegion = (region) => region.zone !== 'com'
const node = (code, kind, grid, parent, name, dates = {}) =>
  ({ code, kind, grid, parent, name, valid_from: '', valid_to: '', vintage: COG, successor: '', ...dates })

const academicVintage = (validTo) => (validTo === '' ? 'ACADEMIES2020' : 'ACADEMIES2016')

export function buildTerritories({ regions, departments, academies }) {
  const real = regions.filter(isRegion)
  const administrative = [
    node('FR', 'COUNTRY', 'ADMINISTRATIVE', '', 'France'),
    ...real.map((r) => node(`REG-${r.code}`, 'REGION', 'ADMINISTRATIVE', 'FR', r.nom,
      { valid_from: MERGED_REGIONS.includes(r.code) ? REGION_LAW : '' })),
    // Overseas collectivities are neither departments nor in a region: same level, another kind.
    ...departments.map((d) => (d.zone === 'com'
      ? node(`DEP-${d.code}`, 'OVERSEAS_COLLECTIVITY', 'ADMINISTRATIVE', 'FR', d.nom)
      : node(`DEP-${d.code}`, 'DEPARTMENT', 'ADMINISTRATIVE', `REG-${d.region}`, d.nom))),
  ]
  const academic = [
    ...real.map((r) => node(`RAC-${r.code}`, 'ACADEMIC_REGION', 'ACADEMIC', 'FR', r.nom,
      { valid_from: r.code === MAYOTTE ? SPLIT : REGION_LAW, vintage: 'ACADEMIES2020' })),
    ...academies.map((a) => node(`ACA-${a.code}`, 'ACADEMY', 'ACADEMIC', `RAC-${a.region}`, a.name, {
      valid_from: a.valid_from,
      valid_to: a.valid_to,
      vintage: academicVintage(a.valid_to),
      successor: a.successor && `ACA-${a.successor}`,
    })),
  ]
  return [...administrative, ...academic].sort(by('code'))
}

export const buildDepartmentAcademies = ({ academies }) => academies
  .flatMap((a) => a.departments.split(' ').map((d) => ({
    department: `DEP-${d}`, academy: `ACA-${a.code}`, valid_from: a.valid_from, valid_to: a.valid_to,
  })))
  .sort((a, b) => by('department')(a, b) || by('valid_from')(a, b))

// The domain text divides by 18 academic regions in 2017, when the law knew 17: both are stored, under two names.
export function buildDenominators({ regions, academies }) {
  const real = regions.filter(isRegion)
  const rows = (set, codes, valid_from, valid_to, source) =>
    codes.map((code) => ({ set, code, valid_from, valid_to, source }))
  const codesOf = (prefix, list) => list.map((item) => `${prefix}-${item.code}`)
  const before = academies.filter((a) => a.valid_from === '')
  const after = academies.filter((a) => a.valid_to === '')
  const decree2015 = 'Décret n° 2015-1616'
  const codeUntil2019 = 'Code de l\'éducation, R222-2, until 2019-12-31'
  const codeSince2020 = 'Code de l\'éducation, R222-2, since 2020-01-01'
  return [
    ...rows('METROPOLITAN_REGIONS', codesOf('REG', real.filter((r) => r.zone === 'metro')), REGION_LAW, '', 'Loi n° 2015-29; COG'),
    ...rows('REGIONS', codesOf('REG', real), REGION_LAW, '', 'Loi n° 2015-29; COG'),
    ...rows('ACADEMIC_REGIONS', codesOf('RAC', real.filter((r) => r.code !== MAYOTTE)), REGION_LAW, SPLIT, decree2015),
    ...rows('ACADEMIC_REGIONS', codesOf('RAC', real), SPLIT, '', codeSince2020),
    ...rows('ACADEMIC_REGIONS_DECLARED', codesOf('RAC', real), REGION_LAW, SPLIT, 'Declared by the M24 report, Mayotte included'),
    ...rows('ACADEMIES', codesOf('ACA', before), REGION_LAW, SPLIT, codeUntil2019),
    ...rows('ACADEMIES', codesOf('ACA', after), SPLIT, '', codeSince2020),
  ].sort((a, b) => by('set')(a, b) || by('valid_from')(a, b) || by('code')(a, b))
}
