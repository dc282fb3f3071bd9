import { describe } from 'vitest';
import { expect, test } from './stage.ts';

describe('1: the frame of a call', () => {
  test('the header says what happened in the call', async ({ stage }) => {
    await stage.openCall('livekit');
    const { page } = stage;
    await stage.see(page.getByRole('heading', { name: 'front-desk' }));
    const fact = (label: string) => page.locator('dl > div', { has: page.getByText(label, { exact: true }) }).locator('dd');
    await expect.poll(() => fact('Duration').innerText()).toMatch(/^0:5\d$/);
    expect(await fact('Turns').innerText()).toBe('6');
    await expect.poll(() => fact('Heard p50 / p95').innerText()).toMatch(/1,9\d\d ms \/ 3,1\d\d ms n 5/);
    expect(await fact('Slowest turn').innerText()).toMatch(/3,1\d\d ms in 3/);
    expect(await fact('Talk, caller / agent').innerText()).toMatch(/\d+ %[\s\S]*\d+ %/);
    expect(await fact('Cut in, caller / agent').innerText()).toMatch(/^0\s*\/\s*0$/);
    expect(await fact('Longest silence').innerText()).toMatch(/3\.1\d s at 0:2\d/);
    expect(await fact('Tools').innerText()).toBe('31 failed');
    expect(await fact('Tokens in / out').innerText()).toMatch(/k \/ \d+/);
    expect(await fact('Cost').innerText()).toMatch(/\$0\.0\d+/);
    await stage.see(page.getByText(/otlp, recording, livekit/));
    await stage.openCall('pipecat');
    await expect.poll(() => fact('End').innerText()).toBe('caller hung up');
    await expect.poll(() => fact('Cut in, caller / agent').innerText()).toMatch(/^1\s*\/\s*0$/);
  });

  test('an agent with a very long name leaves room for the rest', async ({ stage }) => {
    const { page } = stage;
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.route(/\/api\/v1\/calls\/\d+$/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), agent_name: 'agent-of-a-service-'.repeat(9) } });
    });
    await stage.openCall('pipecat');
    for (const name of ['Compare', 'Delete', /^Copy trace id/]) {
      const box = (await page.locator('main').getByRole(name === 'Compare' ? 'link' : 'button', { name }).first().boundingBox())!;
      expect(box.x + box.width, String(name)).toBeLessThanOrEqual(1280);
    }
  });

  test('ids are copied', async ({ stage }) => {
    await stage.openCall('pipecat');
    const clipboard = (): Promise<string> => stage.page.evaluate(() => navigator.clipboard.readText());
    await stage.page.getByRole('button', { name: /^Copy call id/ }).click();
    await expect.poll(clipboard).toBe('conv-tent');
    await stage.page.getByRole('button', { name: /^Copy trace id/ }).first().click();
    await expect.poll(clipboard).toMatch(/^[0-9a-f]{32}$/);
  });

  test('the next and the previous call of a filtered list are a key away, and the filters stay', async ({ stage }) => {
    await stage.open('/?metadata.tier=basic');
    const rows = stage.page.getByRole('row');
    await stage.expect('the filtered list shows calls', async () => (await rows.count()) > 3);
    await stage.press('j', 'j', 'Enter');
    await stage.see(stage.page.getByText(/^\d+ spans?$/));
    const first = new URL(stage.page.url()).pathname;
    await stage.press(']');
    await stage.expect('another call', () => new URL(stage.page.url()).pathname !== first);
    await stage.see(stage.page.getByRole('heading', { name: 'front-desk' }));
    await stage.press('[');
    await stage.expect('the call before', () => new URL(stage.page.url()).pathname === first);
    await stage.page.getByRole('link', { name: 'Older call of the list' }).click();
    await stage.expect('another call by pointer', () => new URL(stage.page.url()).pathname !== first);
    await stage.press('Escape');
    await stage.expectParameter('metadata.tier', 'basic');
  });

  test('a link reopens everything that is shown', async ({ stage }) => {
    await stage.openCall('livekit');
    await stage.press('j', 'j', 'z', 'w', '2');
    await stage.expectParameter('t', /,/);
    await stage.page.getByRole('treeitem').nth(4).click();
    await stage.expectParameter('span', /^[0-9a-f]{16}$/);
    await stage.press('/');
    await stage.type('patient');
    await stage.expectParameter('find', 'patient');
    const address = stage.page.url();
    expect(stage.parameter('view')).toBe('tree');
    expect(stage.parameter('tab')).toBe('tools');
    const name = await stage.page.getByRole('complementary').getByRole('heading').first().innerText();
    await stage.page.reload();
    await stage.see(stage.page.getByRole('tree'));
    await expect.poll(() => stage.page.getByRole('complementary').getByRole('heading').first().innerText()).toBe(name);
    expect(await stage.page.getByRole('searchbox').first().inputValue()).toBe('patient');
    expect(stage.page.url()).toBe(address);
    await stage.press('n', 'n');
    await stage.expectParameter('match', '2');
    const items = stage.page.getByRole('treeitem');
    const fold = stage.page.getByRole('button', { name: 'Collapse' }).first();
    await fold.click();
    await stage.expectParameter('folded', /^[0-9a-f]{16}/);
    const rows = await items.count();
    await stage.page.reload();
    await stage.see(stage.page.getByText(/^2\/\d+$/));
    await stage.expect('what was folded is folded again', async () => (await items.count()) === rows && (await stage.page.getByRole('button', { name: 'Expand' }).count()) === 1);
    await stage.press('N');
    await stage.expectParameter('match', '1');
    const path = stage.page.getByRole('button', { name: /^Critical path/ });
    await path.click();
    await stage.expectParameter('critical', 'true');
    await stage.page.reload();
    await stage.expect('the critical path is shown again', async () => (await path.getAttribute('aria-pressed')) === 'true');
  });
});
