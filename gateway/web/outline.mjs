// Cuts the map's base out of Natural Earth's countries (public domain, in the package world-atlas): France with what
// lies overseas, the land around each of its parts, and the borders between.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature, merge, mesh } from 'topojson-client';
import { simplify } from './simplify.mjs';

const require = createRequire(import.meta.url);
const world = JSON.parse(readFileSync(require.resolve('world-atlas/countries-10m.json'), 'utf8'));

// France, and the collectivities that Natural Earth counts apart.
const french = new Set(['250', '258', '540', '652', '663', '666', '876']);

// West, south, east, north: Europe around the Hexagone, the Antilles and Guyane, the Indian Ocean, the North Atlantic,
// New Caledonia. Polynesia, Wallis and Futuna have no neighbour that a map of their size would show.
const windows = [
  [-14, 38, 19, 57],
  [-67, 0, -47, 20],
  [39, -28, 61, -7],
  [-62, 43, -51, 52],
  [160, -26, 172, -16],
];

/** @typedef {[number, number]} Point */

/**
 * Cuts a ring at one side of a window.
 * @param {Point[]} ring @param {(p: Point) => boolean} inside @param {(a: Point, b: Point) => Point} cut
 */
function clipSide(ring, inside, cut) {
  return ring.flatMap((point, i) => {
    const before = ring.at(i - 1) ?? point;
    const crossing = inside(point) === inside(before) ? [] : [cut(before, point)];
    return inside(point) ? [...crossing, point] : crossing;
  });
}

/**
 * Sutherland and Hodgman's cut, one side after the other.
 * @param {Point[]} ring @param {number[]} window
 */
function clip(ring, [west, south, east, north]) {
  /** @type {(x: number) => (a: Point, b: Point) => Point} */
  const atX = (x) => (a, b) => [x, a[1] + ((b[1] - a[1]) * (x - a[0])) / (b[0] - a[0])];
  /** @type {(y: number) => (a: Point, b: Point) => Point} */
  const atY = (y) => (a, b) => [a[0] + ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]), y];
  let cut = clipSide(ring.slice(1), (p) => p[0] >= west, atX(west));
  cut = clipSide(cut, (p) => p[0] <= east, atX(east));
  cut = clipSide(cut, (p) => p[1] >= south, atY(south));
  cut = clipSide(cut, (p) => p[1] <= north, atY(north));
  return cut.length < 3 ? [] : [...cut, cut[0]];
}

/** @param {Point[]} line Three decimals are a hundred metres: the source knows no better. */
function round(line) {
  const rounded = line.map(([x, y]) => [Math.round(x * 1000) / 1000, Math.round(y * 1000) / 1000]);
  return rounded.filter((p, i) => i === 0 || p[0] !== rounded[i - 1][0] || p[1] !== rounded[i - 1][1]);
}

/** @param {Point} p */
const shown = ([x, y]) => windows.some(([west, south, east, north]) => x >= west && x <= east && y >= south && y <= north);

/** The parts of a line that some window shows. @param {Point[]} line */
function visible(line) {
  /** @type {Point[][]} */
  const parts = [[]];
  for (const point of line) {
    if (shown(point)) parts[parts.length - 1].push(point);
    else if (parts[parts.length - 1].length > 0) parts.push([]);
  }
  return parts.filter((part) => part.length > 1);
}

const countries = world.objects.countries.geometries;
const isFrench = (/** @type {{id?: string}} */ c) => french.has(c.id ?? '');
simplify(world, new Set(countries.filter(isFrench).flatMap(arcsOf)));
const around = merge(world, countries.filter((/** @type {{id?: string}} */ c) => !isFrench(c)));
const france = countries.filter(isFrench).map((/** @type {object} */ c) => feature(world, c).geometry);
const borders = mesh(world, world.objects.countries, (a, b) => a !== b);

const base = {
  type: 'FeatureCollection',
  features: [
    part('around', 'MultiPolygon', windows.flatMap((w) => around.coordinates
      .map((polygon) => polygon.map((ring) => round(clip(ring, w))).filter((ring) => ring.length > 3))
      .filter((polygon) => polygon.length > 0))),
    part('france', 'MultiPolygon', france.flatMap((g) => (g.type === 'Polygon' ? [g.coordinates] : g.coordinates)
      .map((/** @type {Point[][]} */ polygon) => polygon.map(round).filter((ring) => ring.length > 3))
      .filter((/** @type {Point[][]} */ polygon) => polygon.length > 0))),
    part('border', 'MultiLineString', borders.coordinates.flatMap(visible).map(round)),
  ],
};

/** The arcs that bound a country; ~i is i, walked backwards. @param {{arcs: any[]}} country @returns {number[]} */
function arcsOf(country) {
  return country.arcs.flat(Infinity).map((/** @type {number} */ i) => (i < 0 ? ~i : i));
}

/** @param {string} kind @param {string} type @param {unknown[]} coordinates */
function part(kind, type, coordinates) {
  if (coordinates.length === 0) throw new Error(`outline: ${kind} is empty`);
  return { type: 'Feature', properties: { kind }, geometry: { type, coordinates } };
}

writeFileSync(new URL('src/outline.json', import.meta.url), JSON.stringify(base));
