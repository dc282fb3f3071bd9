import { describe } from 'vitest';
import type { Locator } from 'playwright-core';
import { expect, test, type Stage } from './stage.ts';

const header = (stage: Stage): Locator => stage.page.locator('canvas').nth(1);
const body = (stage: Stage): Locator => stage.page.locator('canvas').nth(2);

/** Whether a colour of the theme is drawn in a canvas, in a row of it where one is given. */
function draws(canvas: Locator, color: string, row?: { readonly from: number; readonly to: number }): Promise<boolean> {
  return canvas.evaluate(
    (element, { color, row }) => {
      const drawn = element as HTMLCanvasElement;
      const probe = document.createElement('canvas').getContext('2d')!;
      probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--color-${color}`);
      probe.fillRect(0, 0, 1, 1);
      const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
      const from = Math.round((row?.from ?? 0) * drawn.height);
      const { data } = drawn.getContext('2d')!.getImageData(0, from, drawn.width, Math.round((row?.to ?? 1) * drawn.height) - from);
      for (let at = 0; at < data.length; at += 4) if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) return true;
      return false;
    },
    { color, row },
  );
}

describe('2: the timeline', () => {
  test('waves of both sides, turns, gaps with their latency, and a lane for each stage', async ({ stage }) => {
    await stage.openCall('livekit');
    for (const lane of ['Caller', 'Agent', 'Turn', 'Endpointing', 'LLM', 'Tools', 'TTS', 'Speech']) await stage.see(stage.page.getByText(lane, { exact: true }));
    await stage.expect('the caller’s wave', () => draws(header(stage), 'kind-caller'));
    await stage.expect('the agent’s wave', () => draws(header(stage), 'kind-agent'));
    await stage.expect('bars of the model', () => draws(body(stage), 'kind-llm'));
    await stage.expect('bars of the tools', () => draws(body(stage), 'kind-tool'));
    const before = await stage.pixels(header(stage));
    await stage.page.getByRole('button', { name: 'Turn 3', exact: true }).click();
    await stage.expect('the selected turn is marked', async () => (await stage.pixels(header(stage))) !== before);
  });

  test('one key leads to the span tree, with depth, folding and the critical path', async ({ stage }) => {
    await stage.openCall('livekit');
    await stage.press('w');
    const items = stage.page.getByRole('treeitem');
    await stage.see(items);
    await stage.expect('deeper rows', async () => (await items.evaluateAll((rows) => Math.max(...rows.map((row) => Number(row.getAttribute('aria-level')))))) >= 4);
    const open = await items.count();
    await stage.page.getByRole('button', { name: 'Collapse' }).first().click();
    await stage.expect('a span folds', async () => (await items.count()) < open);
    await stage.page.getByRole('button', { name: 'Expand' }).first().click();
    await stage.expect('and unfolds', async () => (await items.count()) === open);
    const plain = await stage.pixels(body(stage));
    await stage.press('p');
    await stage.expect('the critical path is drawn', async () => (await stage.pixels(body(stage))) !== plain);
    await stage.press('w');
    await stage.seeGone(items);
  });

  test('wheel, drag, keys, minimap and selection move one axis', async ({ stage }) => {
    await stage.openCall('livekit');
    const box = (await header(stage).boundingBox())!;
    await stage.page.mouse.move(box.x + box.width / 2, box.y + 60);
    await stage.page.mouse.wheel(0, -400);
    await stage.expectParameter('t', /,/);
    const wide = (): number => {
      const [start, end] = (stage.parameter('t') ?? '0,1e9').split(',').map(Number);
      return end! - start!;
    };
    const start = (): number => Number((stage.parameter('t') ?? '0').split(',')[0]);
    const zoomed = wide();
    const at = start();
    await stage.page.mouse.down();
    await stage.page.mouse.move(box.x + box.width / 2 - 200, box.y + 60, { steps: 4 });
    await stage.page.mouse.up();
    await stage.expect('a drag pans', () => start() > at && Math.abs(wide() - zoomed) < 2);
    await stage.press('+');
    await stage.expect('a key zooms', () => wide() < zoomed);
    const map = (await stage.page.locator('canvas').first().boundingBox())!;
    const before = start();
    await stage.page.mouse.click(map.x + map.width * 0.9, map.y + 12);
    await stage.expect('the minimap pans', () => start() > before);
    await stage.press('0');
    await stage.expectParameter('t', null);
    await stage.press('j', 'j', 'z');
    await stage.expect('zoomed to the turn', () => wide() < 15_000);
    await stage.press('0');
    await stage.page.keyboard.down('Shift');
    await stage.page.mouse.move(box.x + 300, box.y + 60);
    await stage.page.mouse.down();
    await stage.page.mouse.move(box.x + 420, box.y + 60, { steps: 4 });
    await stage.page.mouse.up();
    await stage.page.keyboard.up('Shift');
    await stage.expect('zoomed to what was marked', () => Math.abs(wide() - (120 / box.width) * 53_500) < 1_000);
  });

  test('the clock says how sure it is, is nudged by hand, stored and undone', async ({ stage }) => {
    await stage.openCall('call_log');
    const clock = stage.page.getByRole('button', { name: /of the recording/ });
    await stage.expect('its uncertainty', async () => /give or take \d+ ms/.test((await clock.getAttribute('aria-label')) ?? ''));
    const known = await clock.getAttribute('aria-label');
    await clock.click();
    await stage.page.getByRole('button', { name: 'Move the recording by 100 ms' }).click();
    await stage.expect('moved', async () => (await clock.getAttribute('aria-label'))?.includes('corrected by hand') === true);
    const stored = (await stage.api(`calls/${stage.place.calls.call_log}`)) as { readonly clock: { readonly nudge_ms: number } };
    expect(stored.clock.nudge_ms).toBe(100);
    await stage.page.getByRole('button', { name: 'Undo' }).click();
    await stage.expect('as before', async () => (await clock.getAttribute('aria-label')) === known);
  });
});
