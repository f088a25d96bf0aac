import type { GroupProperties, PlaceProperties, Status } from './data';

const number = new Intl.NumberFormat('fr-FR');

export function count(n: number, one: string, many: string): string {
  return `${number.format(n)} ${n < 2 ? one : many}`;
}

const statuses: Record<Status, string> = {
  0: 'Statut inconnu',
  1: 'Identifié\u00a0: connu, sans rencontre encore',
  2: 'Actif\u00a0: une rencontre y a eu lieu',
  3: "Pérennisé\u00a0: des rencontres y ont lieu depuis six mois au moins",
};

/** The lines of a place's popup. */
export function ofPlace(place: PlaceProperties): string[] {
  return [place.name, place.commune, statuses[place.status]];
}

/** The lines of a popup for the groups of a place. */
export function ofGroups(at: GroupProperties): string[] {
  const members = at.hidden > 0 ? 'moins de 5 personnes dans un groupe au moins' : count(at.members, 'personne', 'personnes');
  return [count(at.groups, 'groupe', 'groupes') + '\u00a0: ' + members, `${at.place}, ${at.commune}`];
}

/** What MapLibre says, in French. */
export const locale = {
  'Map.Title': 'Carte des lieux et des groupes',
  'NavigationControl.ZoomIn': 'Zoomer',
  'NavigationControl.ZoomOut': 'Dézoomer',
  'Popup.Close': 'Fermer',
  'CooperativeGesturesHandler.WindowsHelpText': 'Ctrl et molette pour zoomer',
  'CooperativeGesturesHandler.MacHelpText': '⌘ et molette pour zoomer',
  'CooperativeGesturesHandler.MobileHelpText': 'Deux doigts pour déplacer la carte',
};
