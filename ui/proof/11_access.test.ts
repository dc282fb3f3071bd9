import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator } from 'playwright-core';
import { describe } from 'vitest';
import { expect, test } from './stage.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

describe('11: for everybody, on every screen', () => {
  test('all of it by keyboard, with a sheet of keys', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/');
    await stage.expect('the list', async () => (await page.getByRole('row').count()) > 10);
    await stage.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keys' });
    for (const keys of ['j / k', 'Space', 'w', '[ / ]']) await stage.see(sheet.getByText(keys, { exact: true }));
    await stage.press('Escape');
    await stage.press('g', 'a');
    await stage.see(page.getByRole('heading', { name: 'Analytics' }));
    await stage.press('g', 'o');
    await stage.see(page.getByRole('heading', { name: 'Compare' }));
    await stage.press('g', 's');
    await stage.see(page.getByRole('heading', { name: 'Settings' }));
    await stage.press('g', 'c');
    await stage.expect('the list again', async () => (await page.getByRole('row').count()) > 10);
    await stage.press('j', 'Enter');
    await stage.see(page.getByText(/^\d+ spans?$/));
    await stage.press('j', 'w', 'ArrowDown', 'ArrowDown');
    await stage.expectParameter('span', /.+/);
    await stage.press('4');
    await stage.expectParameter('tab', 'spans');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`no serious violation of WCAG 2.2 AA, ${colorScheme}`, async ({ stage }) => {
      const { page } = stage;
      const { pipecat, livekit, foreign } = stage.place.calls;
      await page.emulateMedia({ colorScheme });
      const paths = ['/', `/calls/${pipecat}`, `/calls/${livekit}?turn=3`, `/calls/${livekit}?view=tree&tab=spans&turn=2`, `/calls/${pipecat}?tab=tools`, `/calls/${pipecat}?tab=models`, `/calls/${pipecat}?tab=logs&find=tool`, `/calls/${livekit}?tab=about`, `/calls/${foreign}`, `/compare?a=${pipecat}&b=${livekit}`, '/analytics', '/settings', '/settings?part=keys', '/settings?part=users', '/settings?part=account', '/settings?part=agents', '/settings?part=projects', '/settings?part=prices', '/settings?part=intake', '/settings?part=webhooks', '/settings?part=server'];
      for (const path of paths) {
        await stage.open(path);
        await stage.expect('it is drawn', async () => (await page.locator('[aria-busy=true]').count()) === 0);
        await page.evaluate(axe);
        const violations = await page.evaluate(async (rules) => (await (window as unknown as { axe: { run: (where: Document, how: unknown) => Promise<{ violations: Violation[] }> } }).axe.run(document, { runOnly: rules })).violations, kRules);
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(' | ')}`);
        expect(serious, `${path}, ${colorScheme}`).toEqual([]);
      }
    }, 300_000);
  }

  test('the timeline as text', async ({ stage }) => {
    await stage.openCall('livekit', '?tab=spans');
    const table = stage.page.getByRole('table', { name: 'Spans' });
    await stage.see(table.getByRole('row').filter({ hasText: 'eou_wait' }).filter({ hasText: '420 ms' }));
    await stage.see(stage.page.getByRole('img', { name: /Timeline of the call/ }));
  });

  test('from a laptop to 4K nothing is cut off', async ({ stage }) => {
    for (const size of [{ width: 1280, height: 720 }, { width: 3840, height: 2160 }]) {
      await stage.page.setViewportSize(size);
      for (const path of ['/', `/calls/${stage.place.calls.pipecat}?turn=4`, '/analytics', '/settings?part=keys']) {
        await stage.open(path);
        await stage.expect('it is drawn', async () => (await stage.page.locator('[aria-busy=true]').count()) === 0);
        expect(await stage.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${path} at ${size.width}`).toBeLessThanOrEqual(0);
      }
    }
  });

  test('very long names and values are cut or wrapped where they stand', async ({ stage }) => {
    const { page } = stage;
    await page.route(/\/api\/v1\/calls\/\d+$/, async (route) => {
      const answer = await route.fetch();
      const call = (await answer.json()) as { readonly tools: readonly object[] };
      await route.fulfill({ response: answer, json: { ...call, metadata: { long: 'm'.repeat(2_000) }, tools: call.tools.map((tool) => ({ ...tool, name: 'z'.repeat(300) })) } });
    });
    const right = async (what: Locator): Promise<number> => {
      await stage.see(what);
      const box = (await what.first().boundingBox())!;
      return box.x + box.width;
    };
    const inspector = (): Promise<number> => page.getByRole('complementary').evaluate((element) => element.getBoundingClientRect().left);
    await stage.openCall('pipecat', '?tab=about');
    expect(await right(page.getByRole('button', { name: 'Copy long' }))).toBeLessThanOrEqual(await inspector());
    await stage.press('2');
    expect(await right(page.getByRole('list', { name: 'Tools' }).getByText('2.40 s'))).toBeLessThanOrEqual(await inspector());
  });

  test('loading does not make the page jump', async ({ stage }) => {
    const { page } = stage;
    await page.addInitScript(() => {
      const shifts: number[] = [];
      (window as unknown as { shifts: number[] }).shifts = shifts;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as unknown as { readonly value: number }[]) shifts.push(entry.value);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await stage.openCall('livekit');
    const moved = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts.reduce((sum, one) => sum + one, 0));
    expect(moved).toBeLessThan(0.1);
  });

  test('states without calls, without a match, without the call, and without the server say what to do', async ({ stage }) => {
    const { page, place } = stage;
    await stage.open('/?text=zzzz');
    await stage.see(page.getByText('No call matches these filters'));
    await stage.open('/calls/999999');
    await stage.see(page.getByText('There is no such call'));
    await page.route('**/api/v1/calls?*', (route) => route.abort());
    await stage.open('/');
    await stage.see(page.getByRole('button', { name: /again/i }));
    await page.unroute('**/api/v1/calls?*');
    await page.getByRole('button', { name: /again/i }).click();
    await stage.expect('the list', async () => (await page.getByRole('row').count()) > 10);
    await page.goto(`${place.url}/#key=${place.empty_key}`);
    await page.reload();
    await stage.see(page.getByText('No calls yet'));
    await page.evaluate(() => localStorage.setItem('callscope.key', 'revoked'));
    await page.reload();
    await stage.see(page.getByRole('alert').getByText('revoked'));
  });
});
