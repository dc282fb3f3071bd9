// Takes screenshots of every page, light and dark, into ui/shots/, on the server that test/feed/ feeds.
//
// `npm run shots -- call turn` takes only those whose name contains "call" or "turn"; THEME=dark only one theme.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { kChromium, startFeed } from './feed.mjs';

const kLaptop = { width: 1280, height: 720 };
const kDesk = { width: 1440, height: 900 };
const kWall = { width: 3840, height: 2160 };

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'shots');
const only = process.argv.slice(2);
const { place, stop } = await startFeed('serve.py', '--recent', '60');
const { calls, key } = place;
const listed = await (await fetch(`${place.url}/api/v1/calls?limit=100`, { headers: { 'x-callscope-api-key': key } })).json();
/** Another call of the same agent, to compare with. */
const other = listed.items.find((call) => call.agent_name === 'support' && call.state === 'ended' && call.id !== calls.pipecat)?.id;
mkdirSync(folder, { recursive: true });

const press = (...keys) => async (page) => {
  for (const each of keys) await page.keyboard.press(each);
};
const refuse = (pattern) => (page) => page.route(pattern, (route) => route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the server is busy', field: '' } } }));
const hold = (pattern) => (page) => page.route(pattern, () => new Promise(() => {}));

const shots = [
  { name: 'sign_in', path: '/', key: '' },
  { name: 'sign_in_refused', path: '/', key: 'wrong' },
  { name: 'sign_in_password', path: '/', key: '', act: (page) => page.getByRole('radio', { name: 'Name and password' }).click() },
  { name: 'calls', path: '/' },
  { name: 'calls_laptop', path: '/', size: kLaptop },
  { name: 'calls_4k', path: '/', size: kWall },
  { name: 'calls_filtered', path: '/?range=24h&error=true&min_latency_ms=1500&sort=-latency' },
  { name: 'calls_none_match', path: '/?text=zzzz' },
  { name: 'calls_empty', path: '/', key: place.empty_key },
  { name: 'calls_loading', path: '/', before: hold('**/api/v1/calls?*') },
  { name: 'calls_error', path: '/', before: refuse('**/api/v1/calls?*') },
  { name: 'calls_completing', path: '/', act: async (page) => { await page.keyboard.press('/'); await page.keyboard.type('model:'); } },
  { name: 'calls_views', path: '/?metadata.tier=gold', act: (page) => page.getByRole('button', { name: 'Saved views' }).click() },
  { name: 'call', path: `/calls/${calls.pipecat}` },
  { name: 'call_laptop', path: `/calls/${calls.pipecat}?turn=4`, size: kLaptop },
  { name: 'call_small', path: `/calls/${calls.pipecat}?turn=4`, size: { width: 1024, height: 640 } },
  { name: 'call_4k', path: `/calls/${calls.pipecat}?turn=4`, size: kWall },
  { name: 'call_turn', path: `/calls/${calls.livekit}?turn=3` },
  { name: 'call_turn_zoomed', path: `/calls/${calls.pipecat}?turn=4`, act: press('z') },
  { name: 'call_playing', path: `/calls/${calls.pipecat}`, act: async (page) => { await page.keyboard.press(' '); await page.waitForTimeout(2500); await page.keyboard.press(' '); } },
  { name: 'call_clock', path: `/calls/${calls.pipecat}`, act: (page) => page.getByRole('button', { name: /of the recording/ }).click() },
  { name: 'call_search', path: `/calls/${calls.pipecat}?find=replacement`, act: press('n') },
  { name: 'call_tree', path: `/calls/${calls.livekit}?view=tree&turn=3` },
  { name: 'call_critical_path', path: `/calls/${calls.livekit}?view=tree&turn=3`, act: press('p', 'z') },
  { name: 'call_span', path: `/calls/${calls.livekit}?view=tree`, act: press('e', '2') },
  { name: 'call_large_value', path: `/calls/${calls.large_value}?tab=spans`, act: (page) => page.getByRole('button', { name: 'fetch_history' }).click() },
  { name: 'call_tools', path: `/calls/${calls.pipecat}?tab=tools` },
  { name: 'call_models', path: `/calls/${calls.pipecat}?tab=models` },
  { name: 'call_spans', path: `/calls/${calls.livekit}?tab=spans` },
  { name: 'call_logs', path: `/calls/${calls.pipecat}?tab=logs&find=tool` },
  { name: 'call_about', path: `/calls/${calls.pipecat}?tab=about` },
  { name: 'call_log_only', path: `/calls/${calls.call_log}?turn=2` },
  { name: 'call_foreign', path: `/calls/${calls.foreign}` },
  { name: 'call_no_recording', path: `/calls/${calls.real_pipecat}` },
  { name: 'call_broken_recording', path: `/calls/${calls.broken_recording}` },
  { name: 'call_running', path: `/calls/${calls.running}`, before: () => fetch(`${place.control}/turn`, { method: 'POST' }) },
  { name: 'call_loading', path: `/calls/${calls.pipecat}`, before: hold(`**/api/v1/calls/${calls.pipecat}/spans?*`) },
  { name: 'call_spans_error', path: `/calls/${calls.pipecat}`, before: refuse(`**/api/v1/calls/${calls.pipecat}/spans?*`) },
  { name: 'call_missing', path: '/calls/99999999' },
  { name: 'compare', path: `/compare?a=${calls.pipecat}&b=${other}` },
  { name: 'compare_empty', path: '/compare' },
  { name: 'analytics', path: '/analytics?range=24h', size: { width: 1440, height: 1500 } },
  { name: 'analytics_llm', path: '/analytics?range=24h&stage=llm&group_by=model' },
  { name: 'analytics_laptop', path: '/analytics?range=24h', size: kLaptop },
  { name: 'analytics_4k', path: '/analytics?range=24h', size: kWall },
  { name: 'analytics_empty', path: '/analytics', key: place.empty_key },
  ...['connect', 'keys', 'users', 'account', 'agents', 'projects', 'prices', 'intake', 'webhooks', 'server'].map((part) => ({ name: `settings_${part}`, path: `/settings?part=${part}` })),
  { name: 'settings_key_made', path: '/settings?part=keys', act: async (page) => { await page.getByLabel('Name of the key').fill('shots'); await page.getByRole('button', { name: 'Create a key' }).click(); } },
  { name: 'settings_read_only', path: '/settings?part=agents', key: place.reader_key },
  { name: 'keys_sheet', path: '/', act: press('?') },
].filter((shot) => only.length === 0 || only.some((word) => shot.name.includes(word)));

const browser = await chromium.launch(kChromium);
const problems = new Set();
for (const theme of process.env.THEME === undefined ? ['light', 'dark'] : [process.env.THEME]) {
  for (const shot of shots) {
    const context = await browser.newContext({ viewport: shot.size ?? kDesk, colorScheme: theme, reducedMotion: 'reduce' });
    await context.addInitScript((signedIn) => signedIn !== '' && localStorage.setItem('callscope.key', signedIn), shot.key ?? key);
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.add(`${shot.name}: ${error.message}`));
    await shot.before?.(page);
    await page.goto(`${place.url}${shot.path}`);
    await page.waitForTimeout(shot.name.endsWith('error') ? 9_000 : 900);
    await shot.act?.(page);
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(folder, `${shot.name}_${theme}.png`) });
    await context.close();
  }
}
await browser.close();
await stop();
for (const problem of problems) console.error(problem);
console.log(`${shots.length} pages in ${folder}`);
process.exit(problems.size > 0 ? 1 : 0);
