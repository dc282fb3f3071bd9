import { describe } from 'vitest';
import { expect, test } from './stage.ts';

describe('8: a running call', () => {
  test('draws itself as it goes on, and ends', async ({ stage }) => {
    const { page } = stage;
    const move = (what: 'turn' | 'end'): Promise<Response> => fetch(`${stage.place.control}/${what}`, { method: 'POST' });
    await move('turn');
    await stage.openCall('running');
    await stage.see(page.getByText('running', { exact: true }));
    await stage.see(page.getByText('live', { exact: true }));
    const spans = async (): Promise<number> => Number.parseInt(await page.getByText(/^\d+ spans$/).innerText(), 10);
    const rows = async (): Promise<number> => Number.parseInt((await page.getByRole('tab', { name: /^Transcript/ }).innerText()).replace(/\D/g, ''), 10);
    const [spansBefore, rowsBefore] = [await spans(), await rows()];
    await move('turn');
    await stage.expect('its spans come', async () => (await spans()) > spansBefore);
    await stage.expect('its words come', async () => (await rows()) > rowsBefore);
    await stage.open('/?state=running');
    await stage.see(page.getByRole('row').filter({ hasText: 'running' }));
    await stage.openCall('running');
    await move('end');
    await stage.see(page.getByText('ended', { exact: true }));
    expect(await page.getByText('live', { exact: true }).isVisible()).toBe(false);
  });

  test('one that fell silent is quiet', async ({ stage }) => {
    const made = (await stage.api(`calls/${stage.place.calls.pipecat}`)) as { readonly state: string };
    expect(made.state).toBe('ended');
    await stage.open('/?state=quiet');
    await stage.see(stage.page.getByText('No call matches these filters').or(stage.page.getByRole('row').filter({ hasText: 'quiet' })));
  });
});
