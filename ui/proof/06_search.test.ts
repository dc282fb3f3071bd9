import { describe } from 'vitest';
import { expect, test } from './stage.ts';

describe('6: search', () => {
  test('inside a call: names, attribute values, words and logs, marked on the timeline', async ({ stage }) => {
    await stage.openCall('pipecat');
    const { page } = stage;
    const map = page.locator('canvas').first();
    const before = await stage.pixels(map);
    await stage.press('/');
    await stage.type('504 Gateway');
    await stage.see(page.getByText(/^–\/\d+$/));
    await stage.expect('a tab counts what matches', async () => /of/.test(await page.getByRole('tab', { name: /^Logs/ }).innerText()));
    await stage.expect('the timeline marks it', async () => (await stage.pixels(map)) !== before);
    await page.getByRole('searchbox').first().fill('amy');
    await stage.expect('an attribute’s value is found', async () => /^8 of/.test((await page.getByRole('tab', { name: /^Spans/ }).innerText()).split('\n').at(-1)!.replace('Spans', '').trim()));
    await stage.press('Enter');
    await stage.expectParameter('span', /.+/);
  });

  test('log lines that warn or fail are a click away, and stay in the link', async ({ stage }) => {
    await stage.openCall('pipecat', '?tab=logs');
    const lines = stage.page.getByRole('list', { name: 'Logs' }).getByRole('listitem');
    await expect.poll(() => lines.count()).toBe(11);
    await stage.page.getByRole('radio', { name: 'Warnings and errors 1' }).click();
    await expect.poll(() => lines.allInnerTexts()).toMatchObject([expect.stringContaining('504 Gateway')]);
    await stage.page.reload();
    await expect.poll(() => lines.count()).toBe(1);
  });

  test('in any language', async ({ stage }) => {
    await stage.openCall('foreign');
    for (const words of ['予約', 'الخميس', 'möchten', 'MOCHTEN']) {
      await stage.page.getByRole('searchbox').first().fill(words);
      await stage.expect(`${words} is found`, async () => /^[1-9]\d* of/.test((await stage.page.getByRole('tab', { name: /^Transcript/ }).innerText()).replace('Transcript', '').trim()));
    }
  });

  test('across calls: the bar completes fields and values, in the words of the API', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/');
    const rows = page.getByRole('row');
    await stage.expect('the list', async () => (await rows.count()) > 10);
    await stage.press('/');
    await stage.type('tool:create');
    await page.getByRole('option', { name: 'tool:create_replacement' }).waitFor();
    await stage.press('ArrowDown', 'Enter');
    await stage.expectParameter('tool', 'create_replacement');
    await stage.type('metadata.tier:go');
    await page.getByRole('option', { name: 'metadata.tier:gold' }).waitFor();
    await stage.press('ArrowDown', 'Enter');
    await stage.expectParameter('metadata.tier', 'gold');
    await stage.type('latency:2s');
    await stage.press('ArrowDown', 'Enter');
    await stage.expectParameter('min_latency_ms', '2000');
    await stage.type('flag:');
    await stage.see(page.getByRole('option', { name: 'flag:turn_gap' }));
    await stage.press('Escape');
    const asked = (await stage.api(`calls${new URL(page.url()).search}`)) as { readonly items: readonly unknown[] };
    await stage.expect('the list and the API agree', async () => (await rows.count()) - 1 === asked.items.length || (await page.getByText('No call matches').isVisible()));
  });

  test('a view is saved under a name and brought back', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/?model=gpt-4.1&metadata.tier=gold');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByLabel('Name of the view').fill('gold on 4.1');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await stage.see(page.getByRole('button', { name: 'gold on 4.1', exact: true }));
    const kept = (await stage.api('views')) as { readonly items: readonly { readonly name: string; readonly query: string }[] };
    expect(kept.items).toMatchObject([{ name: 'gold on 4.1', query: 'model=gpt-4.1&metadata.tier=gold' }]);
    await stage.open('/');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('button', { name: 'gold on 4.1', exact: true }).click();
    await stage.expectParameter('model', 'gpt-4.1');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('button', { name: 'Remove gold on 4.1' }).click();
    await stage.seeGone(page.getByRole('button', { name: 'gold on 4.1', exact: true }).nth(1));
    expect(stage.parameter('metadata.tier')).toBe('gold');
  });
});
