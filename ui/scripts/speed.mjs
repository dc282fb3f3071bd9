// Measures the call page with the largest made-up call (about 20,000 spans and 4 h of audio) in Chromium: how
// soon it can be read, how it pans and zooms, and what it keeps in memory. CALL=ID names another call.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const kMoveMs = 4_000;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const key = process.env.CALLSCOPE_KEY ?? 'cs_speed';
let origin = process.env.CALLSCOPE_URL;
let server;
if (origin === undefined) {
  server = await preview({ root, logLevel: 'error', preview: { host: '127.0.0.1', port: 4760 } });
  origin = server.resolvedUrls.local[0].replace(/\/$/, '');
}
const call = process.env.CALL ?? '895';
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--enable-precise-memory-info'] });
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
const open = async () => {
  await page.goto('about:blank');
  const start = Date.now();
  await page.goto(`${origin}/calls/${call}#key=${key}`);
  await page.getByRole('list', { name: 'Transcript' }).waitFor();
  const readable = Date.now() - start;
  await page.getByText(/spans$/).waitFor({ timeout: 60_000 });
  return { readable, complete: Date.now() - start };
};
await open();
const warm = await open();

/** Frames while the pointer's wheel turns all the time, sideways or in and out. */
const frames = (sideways) =>
  page.evaluate(
    ({ sideways, ms }) =>
      new Promise((resolve) => {
        const canvas = document.querySelectorAll('canvas')[2];
        const box = canvas.getBoundingClientRect();
        const gaps = [];
        const end = performance.now() + ms;
        let last;
        let turn = 0;
        const frame = (now) => {
          if (last !== undefined) gaps.push(now - last);
          last = now;
          turn++;
          const amount = Math.sin(turn / 20) * (sideways ? 60 : 120);
          canvas.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + 40, deltaX: sideways ? amount : 0, deltaY: sideways ? 0 : amount }));
          if (now < end) requestAnimationFrame(frame);
          else {
            gaps.sort((a, b) => a - b);
            resolve({ n: gaps.length, median: gaps[Math.floor(gaps.length / 2)], p99: gaps[Math.floor(gaps.length * 0.99)] });
          }
        };
        requestAnimationFrame(frame);
      }),
    { sideways, ms: kMoveMs },
  );
const text = ({ n, median, p99 }) => `${(1000 / median).toFixed(0)} frames/s median, p99 frame ${p99.toFixed(1)} ms (n ${n})`;
console.log(`call ${call}: ${await page.getByText(/spans$/).innerText()}`);
console.log(`readable after ${warm.readable} ms, complete after ${warm.complete} ms`);
console.log(`whole call, zoom   ${text(await frames(false))}`);
await page.keyboard.press('0');
for (let i = 0; i < 6; i++) await page.keyboard.press('+');
console.log(`zoomed in, pan     ${text(await frames(true))}`);
await page.keyboard.press('0');
await page.keyboard.press('w');
await page.waitForTimeout(300);
console.log(`tree, pan          ${text(await frames(true))}`);
console.log(`heap ${((await page.evaluate(() => performance.memory.usedJSHeapSize)) / 1e6).toFixed(0)} MB`);
await browser.close();
await server?.close();
process.exit(0);
