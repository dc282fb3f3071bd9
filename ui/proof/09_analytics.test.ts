import { readFile } from 'node:fs/promises';
import { describe } from 'vitest';
import { expect, test } from './stage.ts';

describe('9: across calls', () => {
  test('percentiles of each source and stage with their n, by model, provider and agent, over time', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/analytics?range=24h');
    for (const source of ['heard', 'reported', 'computed']) {
      const row = page.getByRole('row', { name: new RegExp(`^Response, ${source}`) });
      await stage.see(row);
      await expect.poll(async () => Number((await row.getByRole('cell').nth(1).innerText()).replaceAll(',', ''))).toBeGreaterThan(10);
    }
    await page.getByRole('radio', { name: 'LLM first token' }).click();
    await page.getByRole('radio', { name: 'By model' }).click();
    const table = page.getByRole('table', { name: 'Latency percentiles' });
    await stage.see(table.getByText('gpt-4.1-mini'));
    await page.getByRole('radio', { name: 'By provider' }).click();
    await stage.see(table.getByText('openai'));
    await page.getByRole('radio', { name: 'By agent' }).click();
    await stage.see(table.getByText('front-desk'));
    await stage.see(page.locator('.uplot canvas'));
    await stage.expectParameter('group_by', 'agent');
  });

  test('a bar of the distribution leads to the calls behind it', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/analytics?range=24h');
    await stage.see(page.getByText(/^Heard; n \d+/));
    await page.getByRole('group', { name: 'Bars of the distribution' }).getByRole('button', { disabled: false }).last().click();
    const link = page.getByRole('list', { name: 'Turns behind the bar' }).getByRole('link').first();
    await stage.see(link);
    await link.click();
    await stage.expectParameter('turn', /\d/);
    await stage.see(page.getByRole('complementary').getByText('Why the caller waited'));
  });

  test('tokens and cost by model, failing tools with their inputs, slowest turns, a time range, CSV', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/analytics?range=24h');
    const cost = page.getByRole('row', { name: /^gpt-4\.1-mini/ });
    await stage.see(cost.getByText(/\$\d/));
    // A tool with spans, and one that only the messages to the model tell of.
    await page.getByRole('row', { name: /^list_slots/ }).getByRole('button', { name: 'failed inputs' }).click();
    await stage.see(page.getByText('"after": "12:00"'));
    await stage.see(page.getByRole('row', { name: /^create_replacement/ }));
    await stage.see(page.getByRole('link', { name: /^turn \d+ of call \d+$/ }));
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).first().click();
    const text = await readFile(await (await saving).path(), 'utf8');
    expect(text.split('\n')[0]).toMatch(/n,p50_ms/);
    await page.getByRole('button', { name: 'Last 24 hours' }).click();
    await page.getByRole('button', { name: 'Last hour', exact: true }).click();
    await stage.expectParameter('range', '1h');
  });
});
