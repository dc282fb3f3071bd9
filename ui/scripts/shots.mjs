// Takes screenshots of every page, light and dark, into ui/shots/.
//
// With CALLSCOPE_URL (and CALLSCOPE_KEY) it looks at that server; without, at the built UI over made-up calls.
// `npm run shots -- call` takes only those whose name contains "call".
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'shots');
const only = process.argv.slice(2);
const key = process.env.CALLSCOPE_KEY ?? 'cs_mock';
let origin = process.env.CALLSCOPE_URL;
let server;
if (origin === undefined) {
  server = await preview({ root, logLevel: 'error', preview: { host: '127.0.0.1', port: 4700 } });
  origin = server.resolvedUrls.local[0].replace(/\/$/, '');
}
mkdirSync(folder, { recursive: true });

const api = async (path) => (await fetch(`${origin}/api/v1/${path}`, { headers: { 'x-callscope-api-key': key } })).json();
const calls = (await api('calls?limit=500')).items;
const best = (score) => [...calls].sort((a, b) => score(b) - score(a))[0]?.id;
const failing = best((call) => call.tool_error_count * 100 + call.turn_count - (call.span_count > 2_000 ? 1e6 : 0) - (call.state === 'running' ? 1e6 : 0));
const running = calls.find((call) => call.state === 'running' && call.turn_count > 2)?.id ?? calls[0]?.id;
const largest = best((call) => call.span_count);
const quiet = calls.find((call) => call.flags.length > 0 && call.state !== 'running')?.id ?? failing;
const named = (name) => calls.find((call) => call.frameworks.some((framework) => framework.name === name) && call.state !== 'running' && call.tool_error_count > 0 && call.span_count < 2_000)?.id ?? failing;
const spansOf = async (id) => (await api(`calls/${id}/spans?limit=1000&attributes=false`)).items ?? [];
const failedSpan = (await spansOf(named('livekit'))).find((span) => span.facts.is_error)?.span_id ?? '';
const llmSpan = (await spansOf(failing)).filter((span) => span.facts.kind === 'llm').at(2)?.span_id ?? '';

const shots = [
  { name: 'sign_in', path: '/', signedOut: true },
  { name: 'sign_in_refused', path: '/', signedOut: true, act: async (page) => { await page.fill('#key', 'wrong'); await page.click('button[type=submit]'); } },
  { name: 'calls', path: '/' },
  { name: 'calls_filtered', path: '/?range=7d&error=true&min_latency_ms=2000&sort=-latency' },
  { name: 'calls_none_match', path: '/?text=zzzz' },
  ...(server === undefined ? [] : [{ name: 'calls_empty', path: '/', key: 'cs_empty' }]),
  { name: 'calls_completing', path: '/', act: async (page) => { await page.getByRole('combobox', { name: 'Filter calls' }).click(); await page.keyboard.type('model:'); } },
  { name: 'call_lanes', path: `/calls/${failing}` },
  { name: 'call_playing', path: `/calls/${failing}`, act: async (page) => { await page.keyboard.press(' '); await page.waitForTimeout(2500); await page.keyboard.press(' '); } },
  { name: 'call_search', path: `/calls/${failing}?find=replacement`, act: async (page) => { await page.waitForTimeout(600); await page.keyboard.press('n'); } },
  { name: 'call_critical_path', path: `/calls/${failing}?view=tree&turn=4`, act: async (page) => { await page.waitForTimeout(500); await page.keyboard.press('p'); await page.keyboard.press('z'); } },
  ...(server === undefined ? [] : [
    { name: 'call_clock_unknown', path: '/calls/896' },
    { name: 'call_no_recording', path: '/calls/894' },
    { name: 'call_mono', path: '/calls/893' },
    { name: 'call_queued', path: '/calls/892' },
    { name: 'call_audio_failed', path: '/calls/891' },
  ]),
  { name: 'compare', path: `/compare?a=${failing}&b=${named('livekit')}` },
  { name: 'compare_empty', path: '/compare' },
  { name: 'call_small', path: `/calls/${failing}?turn=4`, size: { width: 1024, height: 640 } },
  { name: 'call_turn', path: `/calls/${failing}?turn=4` },
  { name: 'call_turn_zoomed', path: `/calls/${failing}?turn=4`, act: async (page) => { await page.waitForTimeout(500); await page.keyboard.press('z'); } },
  { name: 'call_tree', path: `/calls/${failing}?view=tree&span=${llmSpan}` },
  { name: 'call_livekit_failure', path: `/calls/${named('livekit')}?view=tree&span=${failedSpan}&tab=tools` },
  { name: 'call_livekit_lanes', path: `/calls/${named('livekit')}` },
  { name: 'call_models', path: `/calls/${named('livekit')}?tab=models` },
  { name: 'call_custom', path: `/calls/${named('opentelemetry')}?view=tree&tab=spans` },
  { name: 'call_flagged', path: `/calls/${quiet}?view=tree` },
  { name: 'call_logs', path: `/calls/${failing}?tab=logs&find=gpt` },
  { name: 'call_about', path: `/calls/${failing}?tab=about` },
  { name: 'call_running', path: `/calls/${running}` },
  { name: 'call_largest', path: `/calls/${largest}` },
  { name: 'call_largest_tree', path: `/calls/${largest}?view=tree` },
  { name: 'call_4k', path: `/calls/${failing}?turn=4`, size: { width: 2560, height: 1440 } },
  { name: 'call_laptop', path: `/calls/${failing}?turn=4`, size: { width: 1280, height: 720 } },
  { name: 'call_missing', path: '/calls/99999999' },
  { name: 'analytics', path: '/analytics', size: { width: 1440, height: 1500 } },
  { name: 'analytics_llm', path: '/analytics?stage=llm&group_by=model' },
  { name: 'settings_connect', path: '/settings' },
  { name: 'settings_keys', path: '/settings?part=keys' },
  { name: 'settings_key_made', path: '/settings?part=keys', act: async (page) => { if (server !== undefined) { await page.fill('[aria-label="Name of the key"]', 'ci'); await page.click('button[type=submit]'); } } },
  { name: 'keys_sheet', path: '/', act: async (page) => { await page.waitForTimeout(400); await page.keyboard.press('?'); } },
].filter((shot) => only.length === 0 || only.some((word) => shot.name.includes(word)));

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const problems = [];
for (const theme of process.env.THEME === undefined ? ['light', 'dark'] : [process.env.THEME]) {
  for (const shot of shots) {
    const context = await browser.newContext({ viewport: shot.size ?? { width: 1440, height: 900 }, colorScheme: theme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('Failed to load resource')) problems.push(`${shot.name}: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`${shot.name}: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) problems.push(`${shot.name}: asks ${request.url()}`);
    });
    await page.goto(`${origin}${shot.path}${shot.signedOut === true ? '' : `#key=${shot.key ?? key}`}`);
    await page.waitForTimeout(shot.name.includes('largest') ? 2500 : 900);
    await shot.act?.(page);
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(folder, `${shot.name}_${theme}.png`) });
    await context.close();
  }
}
await browser.close();
await server?.close();
for (const problem of new Set(problems)) console.error(problem);
console.log(`${shots.length} pages in ${folder}`);
process.exit(problems.length > 0 ? 1 : 0);
