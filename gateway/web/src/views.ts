import type { LngLatBoundsLike, Map as MapLibreMap } from 'maplibre-gl';
import type { Places } from './data';

export const hexagone: LngLatBoundsLike = [[-5.2, 41.3], [9.7, 51.2]];

const elsewhere: [string, LngLatBoundsLike][] = [
  ['Antilles', [[-62, 14.3], [-60.7, 16.6]]],
  ['Guyane', [[-54.7, 2], [-51.5, 5.9]]],
  ['La Réunion', [[55.1, -21.5], [55.95, -20.8]]],
  ['Mayotte', [[44.9, -13.1], [45.4, -12.6]]],
];

/** One button for each part of France, since the ocean between them is long to cross. */
export function viewButtons(map: MapLibreMap, places: Places): HTMLElement[] {
  const all: [string, LngLatBoundsLike][] = [['Hexagone', hexagone], ...elsewhere];
  const around = extent(places);
  if (around !== undefined) all.splice(1, 0, ['Tous les lieux', around]);
  return all.map(([name, bounds]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.addEventListener('click', () => { map.fitBounds(bounds, { padding: 24, maxZoom: 12 }); });
    return button;
  });
}

function extent(places: Places): LngLatBoundsLike | undefined {
  if (places.features.length === 0) return undefined;
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const { geometry: { coordinates: [x = 0, y = 0] } } of places.features) {
    [west, south, east, north] = [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)];
  }
  return [[west, south], [east, north]];
}
