/** The towns by which people find their way: the seats of the regions, and a few far from one. Name, longitude, latitude. */
export const towns: readonly [string, number, number][] = [
  ['Paris', 2.35, 48.86], ['Marseille', 5.37, 43.3], ['Lyon', 4.84, 45.76], ['Toulouse', 1.44, 43.6],
  ['Nantes', -1.55, 47.22], ['Strasbourg', 7.75, 48.58], ['Bordeaux', -0.58, 44.84], ['Lille', 3.06, 50.63],
  ['Rennes', -1.68, 48.11], ['Dijon', 5.04, 47.32], ['Rouen', 1.1, 49.44], ['Orléans', 1.91, 47.9],
  ['Ajaccio', 8.74, 41.92], ['Montpellier', 3.88, 43.61], ['Nice', 7.27, 43.7], ['Clermont-Ferrand', 3.09, 45.78],
  ['Limoges', 1.26, 45.83], ['Brest', -4.49, 48.39], ['Nancy', 6.18, 48.69], ['Grenoble', 5.72, 45.19],
  ['Poitiers', 0.34, 46.58], ['Reims', 4.03, 49.26], ['Caen', -0.37, 49.18],
  ['Saint-Étienne', 4.39, 45.43], ['Annecy', 6.13, 45.9], ['Valence', 4.89, 44.93], ['Angers', -0.55, 47.47],
  ['Tours', 0.69, 47.39], ['Le Mans', 0.2, 48.0], ['Amiens', 2.3, 49.89], ['Metz', 6.18, 49.12],
  ['Besançon', 6.02, 47.24], ['Mulhouse', 7.34, 47.75], ['Perpignan', 2.9, 42.7], ['Bayonne', -1.47, 43.49],
  ['Pau', -0.37, 43.3], ['La Rochelle', -1.15, 46.16], ['Le Havre', 0.11, 49.49], ['Toulon', 5.93, 43.12],
  ['Avignon', 4.81, 43.95], ['Troyes', 4.07, 48.3], ['Bourges', 2.4, 47.08], ['Quimper', -4.1, 48.0],
  ['Moulins', 3.33, 46.57], ['Aurillac', 2.44, 44.93], ['Le Puy-en-Velay', 3.88, 45.04], ['Bourg-en-Bresse', 5.23, 46.21],
  ['Bastia', 9.45, 42.7],
  ['Fort-de-France', -61.07, 14.6], ['Basse-Terre', -61.73, 16.0], ['Cayenne', -52.33, 4.94],
  ['Saint-Denis', 55.45, -20.88], ['Mamoudzou', 45.23, -12.78], ['Nouméa', 166.45, -22.27], ['Papeete', -149.57, -17.54],
];
