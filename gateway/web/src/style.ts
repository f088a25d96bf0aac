import type { FeatureCollection, Point } from 'geojson';
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { Groups, Places } from './data';
import { towns } from './towns';

/** The page's own colours, so that the map follows it from light to dark. */
export interface Palette {
  sea: string;
  around: string;
  land: string;
  border: string;
  label: string;
  place: string;
  group: string;
}

export function palette(of: Element): Palette {
  const style = getComputedStyle(of);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    sea: colour('sea'), around: colour('around'), land: colour('land'), border: colour('border'),
    label: colour('label'), place: colour('place'), group: colour('group'),
  };
}

// Up to here, a point each tells more than a number; beyond, points hide each other and a phone slows down.
const mostPoints = 3000;

export function sources(outline: FeatureCollection, places: Places, groups: Groups): Record<string, SourceSpecification> {
  return {
    outline: { type: 'geojson', data: outline, tolerance: 0.1 },
    towns: { type: 'geojson', data: townFeatures() },
    places: { type: 'geojson', data: places, cluster: places.features.length > mostPoints, clusterRadius: 40, clusterMaxZoom: 11 },
    groups: {
      type: 'geojson', data: groups, cluster: groups.features.length > mostPoints, clusterRadius: 40, clusterMaxZoom: 11,
      clusterProperties: { groups: ['+', ['get', 'groups']] },
    },
  };
}

function townFeatures(): FeatureCollection<Point, { name: string }> {
  return {
    type: 'FeatureCollection',
    features: towns.map(([name, longitude, latitude]) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
      properties: { name },
    })),
  };
}

/** Layers that a click asks about. */
export const clickable = ['groups', 'places', 'clusters'];

export function layers(p: Palette): LayerSpecification[] {
  return [...ground(p), ...points(p), ...marks(p)];
}

function ground(p: Palette): LayerSpecification[] {
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': p.sea } },
    { id: 'around', type: 'fill', source: 'outline', filter: ['==', ['get', 'kind'], 'around'], paint: { 'fill-color': p.around } },
    { id: 'france', type: 'fill', source: 'outline', filter: ['==', ['get', 'kind'], 'france'], paint: { 'fill-color': p.land } },
    {
      id: 'borders', type: 'line', source: 'outline', filter: ['!=', ['get', 'kind'], 'around'],
      paint: { 'line-color': p.border, 'line-width': ['match', ['get', 'kind'], 'france', 1.2, 0.6] },
    },
  ];
}

function points(p: Palette): LayerSpecification[] {
  const active: ExpressionSpecification = ['>=', ['get', 'status'], 2];
  return [
    {
      id: 'clusters', type: 'circle', source: 'places', filter: ['has', 'point_count'],
      paint: { 'circle-color': p.place, 'circle-radius': ['interpolate', ['linear'], ['log10', ['get', 'point_count']], 0, 9, 4, 30], 'circle-stroke-color': p.land, 'circle-stroke-width': 2 },
    },
    {
      id: 'cluster-counts', type: 'symbol', source: 'places', filter: ['has', 'point_count'],
      layout: { 'text-field': ['number-format', ['get', 'point_count'], { locale: 'fr' }], 'text-font': ['sans-serif'], 'text-size': 12, 'text-allow-overlap': true },
      paint: { 'text-color': p.land },
    },
    {
      id: 'places', type: 'circle', source: 'places', filter: ['!', ['has', 'point_count']],
      layout: { 'circle-sort-key': ['get', 'status'] },
      paint: {
        'circle-color': ['case', active, p.place, p.land],
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 4, ['case', active, 3.5, 2.2], 8, ['case', active, 7, 5], 12, ['case', active, 10, 8]],
        'circle-stroke-color': ['match', ['get', 'status'], 3, p.label, p.place],
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 4, 1, 8, 2],
      },
    },
  ];
}

/** What stands above the points: names, which people look for first, and then the groups. */
function marks(p: Palette): LayerSpecification[] {
  return [
    {
      id: 'towns', type: 'symbol', source: 'towns',
      // No glyph server: MapLibre then draws the letters with the browser's own fonts.
      layout: { 'text-field': ['get', 'name'], 'text-font': ['sans-serif'], 'text-size': ['interpolate', ['linear'], ['zoom'], 4, 11, 9, 15] },
      paint: { 'text-color': p.label, 'text-halo-color': p.land, 'text-halo-width': 2 },
    },
    {
      id: 'groups', type: 'symbol', source: 'groups',
      layout: {
        'icon-image': 'group', 'icon-allow-overlap': true, 'icon-ignore-placement': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 4, 0.7, 8, 1, 12, 1.4],
        'text-field': ['case', ['>', ['get', 'groups'], 1], ['to-string', ['get', 'groups']], ''],
        'text-font': ['sans-serif'], 'text-size': 13, 'text-anchor': 'left', 'text-offset': [0.7, 0],
        'text-allow-overlap': true, 'text-ignore-placement': true,
      },
      paint: { 'text-color': p.group, 'text-halo-color': p.land, 'text-halo-width': 2 },
    },
  ];
}
