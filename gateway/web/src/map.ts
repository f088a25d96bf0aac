import 'maplibre-gl/dist/maplibre-gl.css';
import { Map as MapLibreMap, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { FeatureCollection } from 'geojson';
import { groups, places, type Mesh } from './data';
import { diamond } from './diamond';
import outlineUrl from './outline.json?url';
import { explainOnClick } from './popup';
import { clickable, layers, palette, sources } from './style';
import { hexagone, viewButtons } from './views';
import { count, locale } from './words';
import './map.css'; // after MapLibre's, to have the last word

/** Draws the map into the figure; done once everything is visible. */
export async function draw(figure: HTMLElement, mesh: Mesh): Promise<void> {
  const container = figure.querySelector<HTMLElement>('.canvas');
  if (container === null) throw new Error('the page has no room for the map');
  const outline = (await (await fetch(outlineUrl)).json()) as FeatureCollection;
  const [ofPlaces, ofGroups, colours] = [places(mesh), groups(mesh), palette(figure)];
  setWorkerUrl(workerUrl);
  const map = new MapLibreMap({
    container,
    style: { version: 8, sources: sources(outline, ofPlaces, ofGroups), layers: layers(colours) },
    bounds: hexagone,
    fitBoundsOptions: { padding: 16 },
    minZoom: 2,
    maxZoom: 15, // the base has no streets: closer, there is nothing to see
    renderWorldCopies: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: true, // on a phone the page scrolls, and two fingers move the map
    attributionControl: false, // the page names its sources
    fadeDuration: 0,
    locale,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }));
  map.addImage('group', diamond(colours), { pixelRatio: 2 });
  explainOnClick(map);
  followTheme(map, figure);
  await map.once('idle');
  figure.querySelector('.views')?.append(...viewButtons(map, ofPlaces));
  tell(figure, map, mesh);
}

/** Says in text what is drawn, and in attributes what a test can ask about. */
function tell(figure: HTMLElement, map: MapLibreMap, mesh: Mesh): void {
  const rendered = map.queryRenderedFeatures({ layers: clickable });
  figure.dataset['places'] = String(rendered.filter((f) => f.layer.id !== 'groups').length);
  figure.dataset['groups'] = String(rendered.filter((f) => f.layer.id === 'groups').length);
  figure.dataset['state'] = 'ready';
  map.on('movestart', () => { figure.dataset['state'] = 'moving'; });
  map.on('idle', () => { figure.dataset['state'] = 'ready'; });
  const status = figure.querySelector('[role=status]');
  if (status === null) return;
  status.textContent = `Sur la carte\u00a0: ${count(mesh.places.length, 'lieu', 'lieux')}, ${count(mesh.groups.length, 'groupe', 'groupes')}.`;
}

function followTheme(map: MapLibreMap, figure: HTMLElement): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    const colours = palette(figure);
    map.updateImage('group', diamond(colours));
    for (const layer of layers(colours)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        map.setPaintProperty(layer.id, name as never, value as never);
      }
    }
  });
}
