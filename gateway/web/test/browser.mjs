// Debian's Chromium, and what must hold of every page that it shows.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A fresh browser, with a profile of its own, that asks nothing of anybody else. */
export function launch() {
  return chromium.launch({
    executablePath: process.env['MAILLAGE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

/**
 * Opens a page and notes what it asks for, and what goes wrong in it.
 * @param {import('playwright-core').Browser} browser @param {import('playwright-core').BrowserContextOptions} options
 */
export async function newPage(browser, options) {
  const context = await browser.newContext({ locale: 'fr-FR', ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const requests = [];
  /** @type {string[]} */
  const faults = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => { if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`); });
  page.on('console', (message) => { if (message.type() === 'error') faults.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  return { page, requests, faults };
}

/** @param {string} url @param {string[]} requests @param {string[]} faults */
export function assertQuiet(url, requests, faults) {
  assert.deepEqual(faults, []);
  assert.ok(requests.length > 0, 'nothing was asked for: nothing was watched');
  const elsewhere = requests.filter((r) => !r.startsWith(`${url}/`) && !r.startsWith('data:'));
  assert.deepEqual(elsewhere, [], 'requests that left the machine');
}

/**
 * Lets a browser that runs scripts, as axe needs, see what one without scripts does.
 * @param {import('playwright-core').Page} page @param {string} url
 */
export async function pretendNoScript(page, url) {
  await page.route(`${url}/`, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/<script[^>]*><\/script>/, '').replace(/<\/?noscript>/g, '');
    await route.fulfill({ response: answer, body });
  });
  await page.route('**/*.css', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('(scripting: enabled)', '(scripting: none)') });
  });
}

/** What axe finds, in a few words. @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
export async function axe(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const found = await /** @type {any} */ (globalThis).axe.run(document);
    return found.violations.flatMap((/** @type {any} */ v) =>
      v.nodes.map((/** @type {any} */ n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary}`));
  });
}
