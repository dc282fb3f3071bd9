// Walks the built UI in Chromium over made-up calls, by keyboard and pointer, and fails when something is gone.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import { walkAxe } from './walk/axe.mjs';
import { walkSound } from './walk/sound.mjs';

const kWaitMs = 15_000;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const server = await preview({ root, logLevel: 'error', preview: { host: '127.0.0.1', port: 4730 } });
const origin = server.resolvedUrls.local[0].replace(/\/$/, '');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();

let passed = 0;
let failed = 0;
const report = (what, good, more = '') => {
  if (good) passed++;
  else failed++;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${good ? '' : ` ${more}`}`);
};
page.on('pageerror', (error) => report('no error on the page', false, error.message));
page.on('request', (request) => request.url().startsWith(origin) || request.url().startsWith('blob:') || report('no other network', false, request.url()));

const address = () => new URL(page.url());
/** Waits until `holds` does. */
async function expect(what, holds) {
  const end = Date.now() + kWaitMs;
  while (Date.now() < end) {
    if (await holds()) return report(what, true);
    await page.waitForTimeout(60);
  }
  return report(what, false, `at ${page.url()}`);
}
const asks = (what, part) => expect(what, () => address().search.includes(part));
const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const rows = () => page.locator('[role=row]').count();
const callLoaded = () => page.getByRole('button', { name: 'Turn 2', exact: true }).isVisible();

await page.goto(`${origin}/#key=cs_walk`);
await expect('the key leaves the address', () => !page.url().includes('key='));
await expect('the list shows calls', async () => (await rows()) > 10);
report('the list is virtual', (await rows()) < 80);
await press('/');
await page.keyboard.type('dispute');
await press('Enter');
await asks('search goes into the address', 'text=dispute');
await page.getByRole('button', { name: 'Has failures' }).click();
await asks('filters go into the address', 'error=true');
await page.reload();
await expect('filters survive a reload', () => page.getByRole('button', { name: 'Remove text:dispute' }).isVisible());
await press('/');
await expect('the list shows calls after a reload', async () => (await rows()) > 2);
await page.keyboard.type('metadata.tier:go');
await page.getByRole('option', { name: 'metadata.tier:gold' }).waitFor();
await press('ArrowDown', 'Enter');
await asks('fields and values complete', 'metadata.tier=gold');
await page.getByRole('button', { name: 'Saved views' }).click();
await page.getByLabel('Name of the view').fill('gold disputes');
await page.getByRole('button', { name: 'Save', exact: true }).click();
await press('Escape');
await page.getByRole('button', { name: 'Clear' }).click();
await expect('filters can be cleared', () => address().search === '');
await page.getByRole('button', { name: 'Saved views' }).click();
await page.getByRole('button', { name: 'gold disputes', exact: true }).click();
await asks('a saved view brings them back', 'metadata.tier=gold');
await page.getByRole('button', { name: 'Clear' }).click();
await page.getByRole('button', { name: /Duration/ }).click();
await asks('sorting goes into the address', 'sort=-duration');

await page.goto(`${origin}/`);
await expect('the list shows calls again', async () => (await rows()) > 10);
await press('j', 'j', 'j', 'x', 'j', 'x');
await page.getByRole('link', { name: /^Compare calls 898 and 897/ }).click();
await expect('two calls are compared', () => page.getByRole('table', { name: 'Turns of both calls' }).isVisible());
await page.getByRole('button', { name: 'by stage' }).first().click();
await expect('by stage', () => page.getByRole('table', { name: 'By stage' }).getByText('LLM first token').isVisible());
await page.goto(`${origin}/compare?a=898&b=896`);
await expect('where they part ways', () => page.getByText('They part ways here').isVisible());
await page.goto(`${origin}/`);
await expect('the list shows calls once more', async () => (await rows()) > 10);
await press('j', 'j', 'j', 'Enter');
await expect('keys open a call', () => address().pathname === '/calls/898');
await expect('the call shows its turns', callLoaded);
await press(']');
await expect('the next call of the list', () => address().pathname === '/calls/897');
await expect('it shows its turns', callLoaded);
await press('[');
await expect('the call before it', () => address().pathname === '/calls/898');
await expect('it shows its turns again', callLoaded);
await press('j', 'j');
await asks('keys select a turn', 'turn=2');
await press('z');
await asks('zoom goes into the address', 't=');
await press('0');
await expect('the whole call again', () => !address().search.includes('t='));
await press('w');
await expect('the tree', () => page.getByRole('tree').isVisible());
await press('s');
await asks('the slowest turn', 'turn=5');
await press('e');
await asks('the failure', 'span=');
await expect('what failed', () => page.getByRole('complementary').getByText('504 Gateway Timeout').first().isVisible());
await press('2');
await asks('tabs by number', 'tab=tools');
await press('/');
await page.keyboard.type('gpt');
await press('Enter');
await expect('a match is selected', async () => address().search.includes('find=gpt') && (await page.getByText(/^1\/\d+$/).isVisible()));
await press('Escape');
await page.getByRole('tree').evaluate((tree) => (tree.scrollTop = 0));
const box = await page.getByRole('tree').boundingBox();
await page.mouse.move(box.x + 800, box.y + 60);
await page.keyboard.down('Control');
await page.mouse.wheel(0, -300);
await asks('the wheel zooms', 't=');
for (let turn = 0; turn < 8; turn++) await page.mouse.wheel(0, -400);
await page.keyboard.up('Control');
await expect('down to microseconds', () => page.getByText(/^\d+ µs$/).isVisible());
await press('0');
await expect('and back', () => !address().search.includes('t='));
const open = await page.getByRole('treeitem').count();
await page.getByRole('button', { name: 'Collapse' }).first().click();
await expect('a span collapses', async () => (await page.getByRole('treeitem').count()) < open);
await page.getByRole('button', { name: 'Expand' }).first().click();
await expect('and expands', async () => (await page.getByRole('treeitem').count()) === open);
const link = page.url();
const other = await context.newPage();
await other.goto(link);
await other.getByRole('tree').waitFor();
await other.waitForTimeout(600);
report('a link reopens what it showed', other.url() === link, other.url());
await other.close();
await press('Escape', 'Escape', 'Escape');
await expect('Escape leads back to the list', () => address().pathname === '/');

await walkSound({ page, origin, expect, report, press, asks });

await page.goto(`${origin}/calls/899`);
await expect('a running call is live', () => page.getByText('live', { exact: true }).isVisible());
const spans = await page.getByText(/^\d+ spans$/).innerText();
await expect('its spans come by themselves', async () => (await page.getByText(/^\d+ spans$/).innerText()) !== spans);

await press('g', 'a');
await expect('analytics by keys', () => page.getByRole('heading', { name: 'Analytics' }).isVisible());
await expect('heard, reported and computed, each with its n', async () => (await page.getByRole('row', { name: /^Response, heard/ }).isVisible()) && (await page.getByRole('row', { name: /^Response, computed/ }).isVisible()));
await page.getByRole('group', { name: 'Bars of the distribution' }).getByRole('button').last().click();
await expect('the calls behind a bar', () => page.getByRole('list', { name: 'Turns behind the bar' }).getByRole('link').first().isVisible());
const saving = page.waitForEvent('download');
await page.getByRole('button', { name: 'CSV' }).first().click();
report('what is shown is saved as CSV', (await saving).suggestedFilename() === 'callscope-latency.csv');
await page.getByRole('radio', { name: 'LLM first token' }).click();
await page.getByRole('radio', { name: 'By model' }).click();
await expect('percentiles by model', () => page.getByRole('table', { name: 'Latency percentiles' }).getByText('gpt-4.1-mini').isVisible());
await page.getByRole('button', { name: 'failed inputs' }).first().click();
await expect('inputs of failures', () => page.getByText('"Metro Fuel"').first().isVisible());
await press('?');
await expect('the sheet of keys', () => page.getByRole('dialog', { name: 'Keys' }).isVisible());
await press('Escape');

await page.goto(`${origin}/settings?part=keys`);
await page.getByLabel('Name of the key').fill('walk');
await page.getByRole('button', { name: 'Create a key' }).click();
await expect('a new key is shown once', () => page.getByRole('dialog').getByText(/^cs_/).isVisible());

await page.evaluate(() => localStorage.setItem('callscope.key', 'revoked'));
await page.goto(`${origin}/`);
await expect('a refused key leads to the sign-in page, with the reason', () => page.getByRole('alert').getByText('revoked').isVisible());
await page.getByLabel('API key').fill('cs_empty');
await page.getByRole('button', { name: 'Sign in' }).click();
await expect('without calls, what to do next, with this key', () => page.getByText('x-cekura-api-key=cs_empty').isVisible());

await walkAxe({ browser, origin, report });

await browser.close();
await server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
