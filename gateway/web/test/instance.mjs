// A maillage of its own for the tests: on free ports of this machine, its data in a folder that goes with it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const program = process.env['MAILLAGE_BINARY'] ?? new URL('../../../bin/maillage', import.meta.url).pathname;
const startDeadline = 120_000; // loading France takes seconds, and a loaded machine takes its time

/** Starts it, and lets a small season pass so that there are groups. */
export async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'maillage-web-'));
  const free = '127.0.0.1:0';
  const child = spawn(program, ['serve', '--dev-login', '--data', join(folder, 'var'), '--http', free, '--grpc', free, '--admin', free], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await address(child);
    await promisify(execFile)(program, ['season', '--url', url, '--learners', '60', '--output', join(folder, 'season.json')]);
    return { url, mails: join(folder, 'var', 'mail'), stop };
  } catch (reason) {
    await stop();
    throw reason;
  }
}

/** The address that the program prints once it is ready. @param {import('node:child_process').ChildProcess} child @returns {Promise<string>} */
function address(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('maillage did not start in time')), startDeadline);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`maillage ended with ${code} before it was ready`)));
    if (child.stdout === null) throw new Error('maillage has no output to read');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /Accueil\s+(http:\/\/\S+?)\/?$/.exec(line);
      if (found?.[1] === undefined) return;
      clearTimeout(late);
      resolve(found[1]);
    });
  });
}
