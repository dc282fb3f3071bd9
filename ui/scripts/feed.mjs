// Starts the server that test/feed/ feeds with calls; it ends with this process.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const kRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Debian's Chromium, as ./dev setup installs it. */
export const kChromium = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'] };

/** Starts a program of test/feed/, which prints where its server is and runs until its input is closed. */
export async function startFeed(program, ...options) {
  const python = process.env.CALLSCOPE_PYTHON;
  if (python === undefined) throw new Error('CALLSCOPE_PYTHON names no Python: run this by ./dev, which does.');
  const child = spawn(python, [join(kRoot, 'test', 'feed', program), ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const place = await new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`test/feed/${program} ended with ${code}`)));
  });
  return {
    place,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
