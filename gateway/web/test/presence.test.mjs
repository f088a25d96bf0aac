// A room's screen and the phones in the room: what the screen shows is read back from a picture of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { assertQuiet, axe, launch, newPage } from './browser.mjs';
import { start } from './instance.mjs';

const patience = 60_000;
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** @type {Awaited<ReturnType<typeof start>>} */
let instance;
/** @type {import('playwright-core').Browser} */
let browser;
let shots = process.env['MAILLAGE_SCREENSHOTS'] ?? '';
/** @type {string} */
let screen;
/** @type {string} */
let personal;

before(async () => {
  if (shots === '') shots = await mkdtemp(join(tmpdir(), 'maillage-shots-'));
  await mkdir(shots, { recursive: true });
  instance = await start();
  browser = await launch();
  const { groups } = await as('coordinator', '/v1/groups');
  const begin = new Date(Date.now() + 600_000);
  const meeting = await as('coordinator', '/v1/meetings', {
    parent: `groups/${groups[0].id}`,
    meeting: { title: "Découvrir l'informatique sans ordinateur à l'école élémentaire", timeZone: 'Europe/Paris', capacity: 5, startTime: begin, endTime: new Date(begin.getTime() + 3_600_000) },
  });
  await as('learner', `/v1/meetings/${meeting.id}/registrations`, {});
  screen = new URL((await as('coordinator', `/v1/meetings/${meeting.id}/checkInScreen`)).uri).pathname;
  personal = await presenceLink('learner-of-presence');
});

after(async () => {
  await browser?.close();
  await instance?.stop();
  console.log(`screenshots: ${shots}`);
});

/** @param {string} persona @param {string} path @param {unknown} [body] @returns {Promise<any>} */
async function as(persona, path, body) {
  const token = await (await fetch(`${instance.url}/dev/token?persona=${persona}&subject=${persona}-of-presence`)).json();
  const answer = await fetch(`${instance.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${token.accessToken}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
  return answer.json();
}

/** The path of a mail's link to the page on which its receiver checks in. @param {string} whom @returns {Promise<string>} */
async function presenceLink(whom) {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await pause(100)) {
    for (const file of await readdir(instance.mails).catch(() => [])) {
      const mail = (await readFile(join(instance.mails, file), 'utf8')).replace(/=\r?\n/g, '');
      const link = /(\/presence\/[\w-]+)/.exec(mail)?.[1];
      if (/^To: .*$/mu.exec(mail)?.[0].includes(whom) && link !== undefined) return link;
    }
  }
  throw new Error(`no mail to ${whom}`);
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function looked(page, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, `${name} scrolls sideways`);
  await page.screenshot({ path: join(shots, `presence-${name}.png`), fullPage: true });
  assert.deepEqual(await axe(page), [], name);
}

/** The path that a picture's QR code holds. @param {string} file @returns {Promise<string>} */
async function scan(file) {
  const { stdout } = await promisify(execFile)('zbarimg', ['--quiet', '--raw', file]);
  return new URL(stdout.trim()).pathname;
}

test('a room checks in: the screen is read back, a phone that knows its person needs one tap, another is told how', async () => {
  const { page: room, requests, faults } = await newPage(browser, desktop);
  await room.goto(instance.url + screen);
  await looked(room, 'screen');
  const { page: small } = await newPage(browser, phone);
  await small.goto(instance.url + screen);
  await looked(small, 'screen-phone');
  const { page: dark } = await newPage(browser, { ...desktop, colorScheme: 'dark' });
  await dark.goto(instance.url + screen);
  await looked(dark, 'screen-dark');
  assert.match(await scan(join(shots, 'presence-screen-dark.png')), /^\/presence\/[0-9a-f-]{36}\/\d{6}$/u);
  assert.match(await scan(join(shots, 'presence-screen-phone.png')), /^\/presence\/[0-9a-f-]{36}\/\d{6}$/u);

  const stranger = await newPage(browser, phone);
  await stranger.page.goto(instance.url + await scan(join(shots, 'presence-screen.png')));
  assert.equal(await stranger.page.innerText('h1'), 'Dites que vous êtes là');
  assert.equal(await stranger.page.locator('button').count(), 0);
  await looked(stranger.page, 'stranger');

  const own = await newPage(browser, phone);
  await own.page.goto(instance.url + personal);
  await looked(own.page, 'personal');
  await own.page.getByLabel('Code affiché dans la salle').fill('12');
  await own.page.getByRole('button', { name: 'Je suis là' }).click();
  assert.match(await own.page.innerText('.notice'), /Tapez les six chiffres/u);
  await looked(own.page, 'personal-wrong');
  await room.screenshot({ path: join(shots, 'presence-scanned.png') });
  await own.page.goto(instance.url + await scan(join(shots, 'presence-scanned.png')));
  await looked(own.page, 'scanned');
  await own.page.getByRole('button', { name: 'Je suis là' }).click();
  assert.match(await own.page.innerText('h1'), /^C'est noté/u);
  await looked(own.page, 'there');

  await room.getByText('1 personne est notée présente.').waitFor({ timeout: patience }); // by itself
  await looked(room, 'screen-one');
  assertQuiet(instance.url, requests, faults);
  assertQuiet(instance.url, stranger.requests, stranger.faults);
});

test('without script the screen asks for itself again', async () => {
  const { page, requests, faults } = await newPage(browser, { ...desktop, javaScriptEnabled: false });
  await page.goto(instance.url + screen);
  const asked = () => requests.filter((r) => r.endsWith(screen)).length;
  for (const deadline = Date.now() + patience; Date.now() < deadline && asked() < 2; await pause(100));
  assert.ok(asked() >= 2, 'the page was not asked for again');
  assertQuiet(instance.url, requests, faults);
});
