// Takes away the points of a topology's arcs that a map of France does not need. Countries share arcs, so borders still
// fit afterwards.

/** @typedef {[number, number]} Point */

// Degrees that a line may move: 200 m along France, where people zoom in, and 2 km elsewhere.
const fine = 0.002;
const coarse = 0.02;

/** @param {Point} p @param {Point} a @param {Point} b The square of the distance from p to the segment from a to b. */
function distance2(p, a, b) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2));
  return (p[0] - a[0] - along * dx) ** 2 + (p[1] - a[1] - along * dy) ** 2;
}

/** Douglas and Peucker's way: the farthest point stays if it is too far. @param {Point[]} line @param {number} tolerance @returns {Point[]} */
function thin(line, tolerance) {
  const [first, last] = [line[0], line[line.length - 1]];
  let farthest = 0;
  let most = tolerance ** 2;
  for (let i = 1; i < line.length - 1; i++) {
    const d = distance2(line[i], first, last);
    if (d > most) [farthest, most] = [i, d];
  }
  if (farthest === 0) return [first, last];
  return [...thin(line.slice(0, farthest + 1), tolerance), ...thin(line.slice(farthest), tolerance).slice(1)];
}

/** @param {{arcs: Point[][], transform?: {scale: Point, translate: Point}}} topology @param {Set<number>} important */
export function simplify(topology, important) {
  const { scale, translate } = topology.transform ?? { scale: [1, 1], translate: [0, 0] };
  topology.arcs = topology.arcs.map((arc, i) => {
    let [x, y] = [0, 0];
    const line = arc.map(([dx, dy]) => /** @type {Point} */ ([(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]]));
    return thin(line, important.has(i) ? fine : coarse);
  });
  delete topology.transform;
}
