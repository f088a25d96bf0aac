// Distances, medians and the folding of names, shared by the steps.
const EARTH_KM = 6371.0088
const rad = (degrees) => (degrees * Math.PI) / 180

export function distanceKm(a, b) {
  const dLat = rad(b.lat - a.lat)
  const dLon = rad(b.lon - a.lon)
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_KM * Math.asin(Math.sqrt(h))
}

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
}

// Medians of each axis: one wrong point among the neighbours does not move them.
export const medianPoint = (points) => ({
  lat: quantile(points.map((p) => p.lat), 0.5),
  lon: quantile(points.map((p) => p.lon), 0.5),
})

export const meanPoint = (points) => ({
  lat: points.reduce((sum, p) => sum + p.lat, 0) / points.length,
  lon: points.reduce((sum, p) => sum + p.lon, 0) / points.length,
})

// «Saint» and its abbreviations fold together, because the sources write all of them.
export const fold = (name) => name
  .normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  .replaceAll('œ', 'oe').replaceAll('æ', 'ae')
  .replace(/[^a-z0-9]+/g, ' ').trim()
  .replace(/\bst\b/g, 'saint').replace(/\bste\b/g, 'sainte')

export const groupBy = (items, keyOf) => {
  const groups = new Map()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    if (!groups.has(key)) groups.set(key, [])
    groups.get(key).push(item)
  }
  return groups
}
