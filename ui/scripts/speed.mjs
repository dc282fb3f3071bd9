// Figures of the pages in Chromium, on a server with a call of two hours and 100,000 small ones: how soon the call can be
// read, how it pans and zooms, what it keeps in memory, and how soon a filter shows its first row.
import { loadavg } from 'node:os';
import { chromium } from 'playwright-core';
import { kChromium, startFeed } from './feed.mjs';

const kMoveMs = 4_000;
const kFilters = ['metadata.tier=gold', 'model=gpt-4o', 'min_latency_ms=100', 'state=ended&sort=-duration', 'text=zzzz'];
const kRounds = 7;

const { place, stop } = await startFeed('serve_large.py', ...process.argv.slice(2));
const load = () => `load ${loadavg()[0].toFixed(1)}`;
const browser = await chromium.launch({ ...kChromium, args: [...kChromium.args, '--enable-precise-memory-info'] });

async function signedIn(key) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript((signed) => localStorage.setItem('callscope.key', signed), key);
  return context.newPage();
}

/** Opens the call anew; milliseconds until its words can be read, until all its spans are drawn, and that the page worked. */
async function open(page, session) {
  await page.goto('about:blank');
  const before = await taskMs(session);
  const start = Date.now();
  await page.goto(`${place.url}/calls/${place.calls.large}`);
  await page.getByRole('list', { name: 'Transcript' }).getByRole('listitem').first().waitFor();
  const readable = Date.now() - start;
  await page.getByText(/^[\d,]+ spans$/).waitFor({ timeout: 60_000 });
  return { readable, complete: Date.now() - start, busy: (await taskMs(session)) - before };
}

/** What the main thread of the page worked so far: unlike the clock, other programs do not lengthen it. */
async function taskMs(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
}

/** Frames while the pointer's wheel turns all the time, sideways or in and out. */
const frames = (page, sideways) =>
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
const text = ({ n, median, p99 }) => `${(1000 / median).toFixed(0)} frames/s median, p99 frame ${p99.toFixed(1)} ms (n ${n}, ${load()})`;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const page = await signedIn(place.key);
const session = await page.context().newCDPSession(page);
await session.send('Performance.enable');
await open(page, session);
const opened = [];
for (let round = 0; round < kRounds; round++) opened.push(await open(page, session));
console.log(`call: ${await page.getByText(/^[\d,]+ spans$/).innerText()}, two hours of sound`);
console.log(`readable after ${median(opened.map((one) => one.readable))} ms, complete after ${median(opened.map((one) => one.complete))} ms, the page at work for ${median(opened.map((one) => one.busy)).toFixed(0)} ms (median of ${kRounds}, ${load()})`);
console.log(`whole call, zoom   ${text(await frames(page, false))}`);
await page.keyboard.press('0');
for (let step = 0; step < 6; step++) await page.keyboard.press('+');
console.log(`zoomed in, pan     ${text(await frames(page, true))}`);
await page.keyboard.press('0');
await page.keyboard.press('w');
await page.getByRole('tree').waitFor();
console.log(`tree, pan          ${text(await frames(page, true))}`);
await session.send('HeapProfiler.collectGarbage');
console.log(`heap ${((await page.evaluate(() => performance.memory.usedJSHeapSize)) / 1e6).toFixed(0)} MB`);
await page.context().close();

const list = await signedIn(place.many_key);
await list.goto(`${place.url}/`);
await list.getByRole('row').nth(5).waitFor();
for (const filter of kFilters) {
  const rounds = [];
  for (let round = 0; round < kRounds; round++) {
    rounds.push(await list.evaluate(change, `/?${filter}`));
    await list.evaluate(change, '/');
  }
  console.log(`filter ${filter.padEnd(28)} first row after ${median(rounds.map((one) => one.shown)).toFixed(0)} ms, of which the server's answer ${median(rounds.map((one) => one.server)).toFixed(0)} ms (median of ${kRounds}, ${load()})`);
}

/** Runs in the page: goes to a filter as a click does, and tells when its answer has come and is painted. */
function change(address) {
  return new Promise((resolve) => {
    performance.clearResourceTimings();
    const start = performance.now();
    history.pushState({}, '', address);
    dispatchEvent(new PopStateEvent('popstate'));
    const look = () => {
      const answer = performance.getEntriesByType('resource').find((entry) => entry.name.includes('/api/v1/calls?') && entry.startTime >= start && entry.responseEnd > 0);
      if (answer === undefined) requestAnimationFrame(look);
      else requestAnimationFrame(() => requestAnimationFrame(() => resolve({ shown: performance.now() - start, server: answer.responseEnd - answer.startTime })));
    };
    look();
  });
}

await browser.close();
await stop();
process.exit(0);
