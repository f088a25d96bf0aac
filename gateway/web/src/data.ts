import type { FeatureCollection, Point } from 'geojson';

/** How far a place has come, as the door counts it. */
export type Status = 0 | 1 | 2 | 3;

/** What the door says of the mesh: rows, because a nation has a hundred thousand of them. */
export interface Mesh {
  /** Names that the places refer to by their index. */
  communes: string[];
  /** Name, longitude, latitude, status, commune. */
  places: [string, number, number, Status, number][];
  /** Index of the place, members; 0 members stands for one to four. */
  groups: [number, number][];
}

export interface PlaceProperties {
  name: string;
  commune: string;
  status: Status;
}

export interface GroupProperties {
  place: string;
  commune: string;
  /** How many groups meet there. */
  groups: number;
  /** Members of all of them, counting 0 for a group whose number is kept back. */
  members: number;
  /** Groups of one to four members, whose number is kept back. */
  hidden: number;
}

export type Places = FeatureCollection<Point, PlaceProperties>;
export type Groups = FeatureCollection<Point, GroupProperties>;

export async function load(url: string): Promise<Mesh> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as Mesh;
}

export function places(mesh: Mesh): Places {
  return {
    type: 'FeatureCollection',
    features: mesh.places.map(([name, longitude, latitude, status, commune]) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
      properties: { name, commune: mesh.communes[commune] ?? '', status },
    })),
  };
}

/** One point for all groups of a place: they would hide each other. */
export function groups(mesh: Mesh): Groups {
  const byPlace = new Map<number, { groups: number; members: number; hidden: number }>();
  for (const [place, members] of mesh.groups) {
    const sum = byPlace.get(place) ?? { groups: 0, members: 0, hidden: 0 };
    byPlace.set(place, { groups: sum.groups + 1, members: sum.members + members, hidden: sum.hidden + (members === 0 ? 1 : 0) });
  }
  return {
    type: 'FeatureCollection',
    features: [...byPlace].flatMap(([index, sum]) => {
      const place = mesh.places[index];
      if (place === undefined) return [];
      const [name, longitude, latitude, , commune] = place;
      return [{
        type: 'Feature' as const,
        geometry: { type: 'Point' as const, coordinates: [longitude, latitude] },
        properties: { place: name, commune: mesh.communes[commune] ?? '', ...sum },
      }];
    }),
  };
}
