import { once } from 'node:events';
import { request } from 'node:http';
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

  test('a link to a turn stands where the turn is heard', async ({ stage }) => {
    await stage.openCall('pipecat', '?turn=4');
    await stage.expect('at the turn', async () => Math.abs((await position(stage)) - 39.5) < 1.5);
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

  test('what has come of a recording plays while the rest still uploads, and then goes on', async ({ stage }) => {
    const { place, page } = stage;
    const headers = { 'x-callscope-api-key': place.key };
    const made = await fetch(`${place.url}/api/v1/calls`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ call_id: 'uploading', started_at: '2026-11-20T10:00:00Z', transcript: [{ role: 'agent', text: 'Hello?', start_s: 0.2, end_s: 1 }] }) });
    expect(made.status, await made.clone().text()).toBeLessThan(300);
    const { id } = (await made.json()) as { readonly id: number };

    const kRate = 16_000;
    const sound = (seconds: number): Buffer => Buffer.from(Int16Array.from({ length: kRate * 2 * seconds }, (_, at) => 8_000 * Math.sin(at / 20)).buffer);
    const upload = request(`${place.url}/api/v1/calls/${id}/recordings?sample_rate=${kRate}&channels=2&encoding=s16le`, { method: 'POST', headers });
    const answered = once(upload, 'response');
    upload.write(sound(6));
    const recordings = async (): Promise<readonly { readonly state: string; readonly duration_s: number }[]> => ((await stage.api(`calls/${id}`)) as { readonly recordings: readonly { readonly state: string; readonly duration_s: number }[] }).recordings;
    await expect.poll(async () => (await recordings())[0]?.state).toBe('receiving');
    // The last of what was sent waits with the server until more comes.
    await expect.poll(async () => (await recordings())[0]?.duration_s).toBeGreaterThan(4);

    await stage.open(`/calls/${id}`);
    await stage.see(page.getByText('coming in…'));
    await stage.press('Space');
    await stage.expect('it plays', async () => (await position(stage)) > 0.3);
    await stage.press('.');
    await stage.see(page.getByText('waiting for more…'));
    upload.end(sound(6));
    const [response] = (await answered) as [{ readonly statusCode: number }];
    expect(response.statusCode).toBe(201);
    await stage.expect('it goes on', async () => (await position(stage)) > 6.5);
    await stage.see(player(stage).getByRole('button', { name: /^Pause/ }));
    await stage.seeGone(page.getByText('coming in…'));
  });

  test('a recording whose analysis failed is played, and the page says why it has no waves', async ({ stage }) => {
    const { page } = stage;
    await page.route('**/api/v1/calls/*', async (route) => {
      const answer = await route.fetch();
      const call = (await answer.json()) as { readonly recordings: readonly { readonly id: number }[] };
      await route.fulfill({ response: answer, json: { ...call, clock: null, audio: { state: 'failed', recording_id: call.recordings[0]?.id, error: 'one channel is silent' } } });
    });
    await page.route('**/peaks?*', (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'there are no peaks' } } }));
    await stage.openCall('pipecat');
    await stage.see(page.getByText('The recording could not be analysed: one channel is silent'));
    await player(stage).getByRole('button', { name: /^Play/ }).click();
    await stage.expect('it plays', async () => (await position(stage)) > 0.4);
    await stage.press('.');
    await stage.expect('ahead five seconds', async () => (await position(stage)) > 5);
    expect(await player(stage).getByRole('button', { name: /^Skip silence/ }).isDisabled()).toBe(true);
  });
});
