import { Popup, type GeoJSONSource, type Map as MapLibreMap, type MapGeoJSONFeature, type PointLike } from 'maplibre-gl';
import type { GroupProperties, PlaceProperties } from './data';
import { clickable } from './style';
import { ofGroups, ofPlace } from './words';

// A finger is less exact than a mouse, and a point is small.
const reach = 8;
const mostLines = 5;

export function explainOnClick(map: MapLibreMap): void {
  map.on('click', (event) => {
    const { x, y } = event.point;
    const box: [PointLike, PointLike] = [[x - reach, y - reach], [x + reach, y + reach]];
    const found = map.queryRenderedFeatures(box, { layers: clickable });
    const cluster = found.find((f) => f.properties['cluster_id'] !== undefined);
    if (cluster !== undefined) void open(map, cluster);
    else if (found.length > 0) show(map, found);
  });
  for (const layer of clickable) {
    map.on('mouseenter', layer, () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', layer, () => { map.getCanvas().style.cursor = ''; });
  }
}

async function open(map: MapLibreMap, cluster: MapGeoJSONFeature): Promise<void> {
  const zoom = await map.getSource<GeoJSONSource>(cluster.source)?.getClusterExpansionZoom(Number(cluster.properties['cluster_id']));
  if (zoom !== undefined) map.easeTo({ center: at(cluster), zoom });
}

function show(map: MapLibreMap, found: MapGeoJSONFeature[]): void {
  const first = found[0];
  if (first === undefined) return;
  const content = document.createElement('div');
  for (const feature of found.slice(0, mostLines)) content.append(paragraph(feature));
  if (found.length > mostLines) content.append(`… et ${found.length - mostLines} de plus : zoomez.`);
  new Popup({ maxWidth: '18rem' }).setLngLat(at(first)).setDOMContent(content).addTo(map);
}

/** Names come from anywhere: as text, never as HTML. */
function paragraph(feature: MapGeoJSONFeature): HTMLElement {
  const lines = feature.layer.id === 'groups'
    ? ofGroups(feature.properties as GroupProperties)
    : ofPlace(feature.properties as PlaceProperties);
  const p = document.createElement('p');
  lines.forEach((line, i) => {
    const part = document.createElement(i === 0 ? 'strong' : 'span');
    part.textContent = line;
    p.append(part);
  });
  return p;
}

function at(feature: MapGeoJSONFeature): [number, number] {
  if (feature.geometry.type !== 'Point') return [0, 0];
  const [longitude = 0, latitude = 0] = feature.geometry.coordinates;
  return [longitude, latitude];
}
