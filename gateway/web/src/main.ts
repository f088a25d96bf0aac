// The page stands without this script; what it adds is the map.
import { load } from './data';

const figure = document.querySelector<HTMLElement>('[data-map]');
if (figure !== null) void start(figure);

async function start(figure: HTMLElement): Promise<void> {
  try {
    const [{ draw }, mesh] = await Promise.all([import('./map'), load(figure.dataset['map'] ?? '')]);
    await draw(figure, mesh);
  } catch (reason) {
    figure.dataset['state'] = 'failed';
    const status = figure.querySelector('[role=status]');
    if (status !== null) status.textContent = "La carte n'a pas pu s'afficher\u00a0; la liste par département dit la même chose.";
    console.warn('map', reason);
  }
}
