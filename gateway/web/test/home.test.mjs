import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { assertQuiet, axe, launch, newPage, pretendNoScript } from './browser.mjs';
import { start } from './instance.mjs';

const patience = 60_000; // software draws the map here, and others use the machine

/** @type {Awaited<ReturnType<typeof start>>} */
let instance;
/** @type {import('playwright-core').Browser} */
let browser;
let shots = process.env['MAILLAGE_SCREENSHOTS'] ?? '';

before(async () => {
  if (shots === '') shots = await mkdtemp(join(tmpdir(), 'maillage-shots-'));
  await mkdir(shots, { recursive: true });
  instance = await start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await instance?.stop();
  console.log(`screenshots: ${shots}`);
});

/** @param {import('playwright-core').Page} page */
async function mapReady(page) {
  await page.waitForSelector('[data-map][data-state=ready]', { timeout: patience });
  return page.$eval('[data-map]', (figure) => ({ places: Number(figure.getAttribute('data-places')), groups: Number(figure.getAttribute('data-groups')) }));
}

const desktop = { viewport: { width: 1280, height: 900 } };
const looks = {
  desktop,
  phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  dark: { ...desktop, colorScheme: /** @type {const} */ ('dark'), reducedMotion: /** @type {const} */ ('reduce') },
};

for (const [name, options] of Object.entries(looks)) {
  test(`${name}: the map shows its places and groups, quietly, and axe finds nothing`, async () => {
    const { page, requests, faults } = await newPage(browser, options);
    await page.goto(instance.url);
    const drawn = await mapReady(page);
    assert.ok(drawn.places > 100, `${drawn.places} places are drawn`);
    assert.ok(drawn.groups > 0, `${drawn.groups} groups are drawn`);
    assert.match(await page.innerText('[data-map] [role=status]'), /^Sur la carte.: 676.lieux, \d+.groupes?\.$/u);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, 'the page scrolls sideways');
    await page.screenshot({ path: join(shots, `${name}.png`) });
    assert.deepEqual(await axe(page), []);
    await page.screenshot({ path: join(shots, `${name}-whole.png`), fullPage: true });
    for (const region of await page.$$('details')) await region.evaluate((d) => { /** @type {HTMLDetailsElement} */ (d).open = true; });
    assert.deepEqual(await axe(page), [], 'with the list open');
    assertQuiet(instance.url, requests, faults);
    await page.context().close();
  });
}

test('without JavaScript the page is a readable list', async () => {
  const { page, requests, faults } = await newPage(browser, { ...desktop, javaScriptEnabled: false });
  await page.goto(instance.url);
  assert.equal(await page.locator('.map').isVisible(), false, 'an empty map is shown');
  assert.equal(await page.locator('noscript').isVisible(), true, 'nobody says why there is no map');
  await page.screenshot({ path: join(shots, 'without-javascript.png'), fullPage: true });
  await page.locator('details summary').first().click();
  assert.ok(await page.locator('details[open] li').count() > 50);
  assert.ok(await page.locator('.cards > li').count() > 5);
  assertQuiet(instance.url, requests, faults);
  await page.context().close();
});

test('without JavaScript axe finds nothing either', async () => {
  const { page, requests, faults } = await newPage(browser, desktop);
  await pretendNoScript(page, instance.url);
  await page.goto(instance.url);
  assert.equal(await page.locator('.map').isVisible(), false);
  assert.equal(await page.getByText('La carte demande JavaScript').isVisible(), true);
  assert.deepEqual(await axe(page), []);
  assertQuiet(instance.url, requests, faults);
  await page.context().close();
});

test('without WebGL the page says so, and the list stays', async () => {
  const { page, requests, faults } = await newPage(browser, desktop);
  await page.addInitScript(() => { HTMLCanvasElement.prototype.getContext = () => null; });
  await page.goto(instance.url);
  await page.waitForSelector('[data-map][data-state=failed]', { timeout: patience });
  assert.match(await page.innerText('[data-map] [role=status]'), /n'a pas pu s'afficher/);
  assert.equal(await page.locator('details').first().isVisible(), true);
  assert.deepEqual(await axe(page), []);
  assertQuiet(instance.url, requests, faults);
  await page.context().close();
});

test('the keyboard reaches the list, the views and the map', async () => {
  const { page } = await newPage(browser, desktop);
  await page.goto(instance.url);
  await mapReady(page);
  const reached = new Set();
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => {
      const focused = document.activeElement;
      return focused?.classList.contains('maplibregl-canvas') ? `map: ${focused.getAttribute('aria-label')}` : focused?.textContent;
    }));
  }
  for (const wanted of ['Aller à la liste des lieux et des groupes', 'Guyane', 'map: Carte des lieux et des groupes']) {
    assert.ok(reached.has(wanted), `${wanted} is not among ${[...reached].join(' | ')}`);
  }
  await page.context().close();
});

test('a name is text in a popup, whatever it holds', async () => {
  const evil = '<img src=x onerror="document.title=1">';
  const { page } = await newPage(browser, { ...desktop, reducedMotion: 'reduce' });
  await page.route('**/map.json', (route) => route.fulfill({
    json: { communes: ['Lyon (Rhône)'], places: [[evil, 4.84, 45.76, 2, 0]], groups: [[0, 12]] },
  }));
  await page.goto(instance.url);
  await mapReady(page);
  await page.getByRole('button', { name: 'Tous les lieux' }).click();
  await mapReady(page);
  await page.locator('.maplibregl-canvas').click();
  const popup = page.locator('.maplibregl-popup-content');
  const text = await popup.innerText();
  assert.ok(text.includes(evil) && text.includes('12 personnes') && text.includes('Actif'), text);
  assert.equal(await popup.locator('img').count(), 0);
  assert.deepEqual(await axe(page), []);
  await page.context().close();
});

test('many places are drawn as clusters', async () => {
  const { page } = await newPage(browser, desktop);
  const places = Array.from({ length: 5000 }, (_, i) => [`Lieu ${i}`, -1 + (i % 70) / 10, 43 + (i / 70) / 15, 1, 0]);
  await page.route('**/map.json', (route) => route.fulfill({ json: { communes: ['Ville'], places, groups: [] } }));
  await page.goto(instance.url);
  const drawn = await mapReady(page);
  assert.ok(drawn.places > 10 && drawn.places < 1000, `${drawn.places} marks for 5 000 places`);
  await page.screenshot({ path: join(shots, 'clusters.png') });
  await page.context().close();
});

/** @param {string} persona @param {string} path @param {unknown} [body] @returns {Promise<any>} */
async function as(persona, path, body) {
  const token = await (await fetch(`${instance.url}/dev/token?persona=${persona}&subject=${persona}-of-links`)).json();
  const answer = await fetch(`${instance.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${token.accessToken}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
  return answer.json();
}

/** The path of the first link of a kind in a mail to somebody. @param {string} whom @param {RegExp} kind @returns {Promise<string>} */
async function linkOf(whom, kind = /(\/l\/[\w-]+)/) {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await pause(100)) {
    for (const file of await readdir(instance.mails).catch(() => [])) {
      const mail = (await readFile(join(instance.mails, file), 'utf8')).replace(/=\r?\n/g, '');
      const link = kind.exec(mail)?.[1];
      if (/^To: .*$/mu.exec(mail)?.[0].includes(whom) && link !== undefined) return link;
    }
  }
  throw new Error(`no mail to ${whom}`);
}

test('a mail leads to a page that says what it does, does it when asked, and says what holds then', async () => {
  const { groups } = await as('coordinator', '/v1/groups');
  const start = new Date(Date.now() + 7 * 86_400_000);
  const meeting = await as('coordinator', '/v1/meetings', {
    parent: `groups/${groups[0].id}`,
    meeting: { title: 'Atelier des liens', timeZone: 'Europe/Paris', capacity: 1, startTime: start, endTime: new Date(start.getTime() + 3_600_000) },
  });
  await as('learner', `/v1/meetings/${meeting.id}/registrations`, {});
  const path = await linkOf('learner-of-links');
  for (const [look, options] of Object.entries({ ...looks, plain: { ...desktop, javaScriptEnabled: false } })) {
    const { page, requests, faults } = await newPage(browser, options);
    await page.goto(instance.url + path);
    assert.match(await page.innerText('h1'), /^Rendre votre place/u);
    assert.match(await page.innerText('.facts'), /Atelier des liens[^]*\(heure de Paris\)/u);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, 'the page scrolls sideways');
    await page.screenshot({ path: join(shots, `link-${look}.png`) });
    if (look !== 'plain') assert.deepEqual(await axe(page), []);
    if (look === 'plain') await page.getByRole('button', { name: 'Rendre ma place' }).click();
    else assert.equal(await page.getByRole('button', { name: 'Rendre ma place' }).count(), 1, 'a look has done it');
    assertQuiet(instance.url, requests, faults);
    if (look === 'plain') assert.equal(await page.innerText('h1'), 'Votre inscription est annulée');
    await page.context().close();
  }
  const { page, faults } = await newPage(browser, desktop);
  await page.goto(`${instance.url}${path.slice(0, -1)}`);
  assert.equal(await page.innerText('h1'), 'Ce lien ne convient pas');
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(faults.filter((f) => !f.includes('403')), []);
  await page.context().close();
});

test('practice sheets are searched in every look, without JavaScript too', async () => {
  for (const [look, options] of Object.entries({ ...looks, plain: { ...desktop, javaScriptEnabled: false } })) {
    const { page, requests, faults } = await newPage(browser, options);
    await page.goto(`${instance.url}/fiches`);
    await page.getByLabel('Mots').fill('<b>robot</b> & 100 %');
    await page.getByLabel('Pour des enfants de').selectOption('9 ans');
    await page.getByRole('button', { name: 'Chercher' }).click();
    await page.waitForURL(/age=9/u);
    assert.match(await page.innerText('[role="status"]'), /^Aucune fiche ne correspond/u);
    assert.equal(await page.inputValue('#q'), '<b>robot</b> & 100 %');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, 'the page scrolls sideways');
    await page.screenshot({ path: join(shots, `sheets-${look}.png`) });
    if (look !== 'plain') assert.deepEqual(await axe(page), []);
    assertQuiet(instance.url, requests, faults);
    await page.context().close();
  }
});

// The control of all the above: axe does find what is wrong, and a request that leaves is seen.
test('the checks see what they look for', async () => {
  const { page, requests, faults } = await newPage(browser, desktop);
  await page.goto(instance.url);
  await page.evaluate(() => {
    document.body.append(document.createElement('img'));
    void fetch('http://127.0.0.2:9/elsewhere').catch(() => {});
  });
  assert.ok((await axe(page)).some((v) => v.startsWith('image-alt')));
  assert.ok(faults.some((f) => f.includes('Content Security Policy')), faults.join('\n'));
  assert.throws(() => assertQuiet(instance.url, requests, faults));
  await page.context().close();
});
