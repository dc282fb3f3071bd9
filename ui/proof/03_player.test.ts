import { describe } from 'vitest';
import { expect, test, type Stage } from './stage.ts';

const player = (stage: Stage) => stage.page.getByRole('group', { name: 'Player' });
const pressed = (stage: Stage, name: RegExp) => async (): Promise<boolean> => (await stage.page.getByRole('button', { name }).first().getAttribute('aria-pressed')) === 'true';

async function position(stage: Stage): Promise<number> {
  const [minutes, seconds] = (await stage.page.locator('[data-position]').innerText()).split(':');
  return Number(minutes) * 60 + Number(seconds);
}

describe('3: the player', () => {
  test('plays, seeks, steps and pauses by keys', async ({ stage }) => {
    const asked: string[] = [];
    stage.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await stage.openCall('pipecat');
    await stage.press(' ');
    await stage.see(player(stage).getByRole('button', { name: /^Pause/ }));
    expect(asked.some((path) => /\/recordings\/\d+\/play$/.test(path)), 'the sound comes piece by piece').toBe(true);
    expect(asked.some((path) => /\/recordings\/\d+$/.test(path)), 'it is not fetched whole').toBe(false);
    await stage.expect('it moves', async () => (await position(stage)) > 0.3);
    await stage.press('.');
    await stage.expect('ahead five seconds', async () => (await position(stage)) > 5);
    await stage.press(',');
    await stage.expect('back five seconds', async () => (await position(stage)) < 4);
    await stage.press(' ');
    await stage.see(player(stage).getByRole('button', { name: /^Play/ }));
    const box = (await stage.page.locator('canvas').nth(1).boundingBox())!;
    await stage.page.mouse.click(box.x + box.width / 2, box.y + 8);
    await stage.expect('a click anywhere seeks', async () => Math.abs((await position(stage)) - 42.5) < 2);
  });

  test('speed, mute of a side, silence and loops', async ({ stage }) => {
    await stage.openCall('livekit');
    await stage.press('>', '>');
    await stage.expect('faster', async () => (await stage.page.getByLabel('Speed').inputValue()) === '1.5');
    await stage.press('m');
    await stage.expect('the caller is muted', pressed(stage, /^(Mute|Unmute) caller/));
    await stage.press('m', 'M');
    await stage.expect('the agent is muted', pressed(stage, /^(Mute|Unmute) agent/));
    await stage.press('x');
    await stage.expect('silence is skipped', pressed(stage, /^Skip silence/));
    // Turn 1 ends at 13.1 s; the caller is next heard at 13.8 s, and turn 3 has a silence of 3.1 s at 28 s.
    const box = (await stage.page.locator('canvas').nth(1).boundingBox())!;
    await stage.page.mouse.click(box.x + box.width * (28.2 / 53.5), box.y + 8);
    await stage.press('Space');
    await stage.expect('the silence is left out', async () => (await position(stage)) > 30);
    await stage.press('Space', 'x', 'j', 'j', 'j', 'r');
    await stage.see(player(stage).getByRole('button', { name: 'Stop looping (r)' }));
    await stage.expect('the loop begins where the turn does', async () => Math.abs((await position(stage)) - 13.8) < 3);
  });

  test('what no browser decodes is played all the same', async ({ stage }) => {
    const call = (await stage.api(`calls/${stage.place.calls.livekit}`)) as { readonly recordings: readonly { readonly format: string }[] };
    expect(call.recordings[0]?.format).toBe('raw');
    await stage.openCall('livekit');
    await player(stage).getByRole('button', { name: /^Play/ }).click();
    await stage.expect('it plays', async () => (await position(stage)) > 0.4);
  });
});
