import { describe } from 'vitest';
import { test } from './stage.ts';

describe('7: two calls side by side', () => {
  test('marked in the list by keys, paired by words or by number, to the stage, to where they part', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/?metadata.tier=gold');
    await stage.expect('the list', async () => (await page.getByRole('row').count()) > 5);
    await stage.press('j', 'x', 'j', 'x');
    await page.getByRole('link', { name: /^Compare calls/ }).click();
    await stage.see(page.getByRole('table', { name: 'Turns of both calls' }));
    const { livekit, pipecat } = stage.place.calls;
    await stage.open(`/compare?a=${pipecat}&b=${livekit}`);
    const turns = page.getByRole('table', { name: 'Turns of both calls' });
    await stage.see(turns.getByText('They part ways here'));
    await stage.see(turns.getByRole('row').filter({ hasText: 'reached Northwind support' }).filter({ hasText: 'Lakeside Dental' }));
    await page.getByRole('radio', { name: 'Number' }).click();
    await stage.expectParameter('by', 'index');
    await turns.getByRole('button', { name: 'by stage' }).first().click();
    await stage.see(page.getByRole('table', { name: 'By stage' }).getByText('LLM first token'));
    await stage.see(turns.getByText(/[+−]\s?\d/));
  });
});
