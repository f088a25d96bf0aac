import type { Palette } from './style';

// Drawn at twice its size, for screens with two pixels to a point.
const size = 44;
const edge = 4;

/** The mark of a group: another form than a place's, and not only another colour. */
export function diamond(colours: Palette): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas to draw on');
  const middle = size / 2;
  context.beginPath();
  context.moveTo(middle, edge);
  context.lineTo(size - edge, middle);
  context.lineTo(middle, size - edge);
  context.lineTo(edge, middle);
  context.closePath();
  context.fillStyle = colours.group;
  context.strokeStyle = colours.land;
  context.lineWidth = edge;
  context.fill();
  context.stroke();
  return context.getImageData(0, 0, size, size);
}
