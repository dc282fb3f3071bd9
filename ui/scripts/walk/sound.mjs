// The sound of a call: waves, player, transcript, clock.
export async function walkSound({ page, origin, expect, report, press, asks }) {
  const position = async () => {
    const [minutes, seconds] = (await page.locator('[data-position]').innerText()).split(':');
    return Number(minutes) * 60 + Number(seconds);
  };
  await page.goto(`${origin}/calls/898`);
  const player = page.getByRole('group', { name: 'Player' });
  await expect('a call with a recording has a player', () => player.isVisible());
  await expect('both sides of the recording are named', async () => (await page.getByRole('button', { name: 'Mute caller' }).isVisible()) && (await page.getByRole('button', { name: 'Mute agent' }).isVisible()));
  report('the header says what was heard', await page.getByText('Heard p50 / p95').isVisible());
  await page.getByRole('button', { name: 'Turn 2', exact: true }).waitFor();
  await press(' ');
  await expect('it plays', () => player.getByRole('button', { name: /^Pause/ }).isVisible());
  await expect('the playhead moves', async () => (await position()) > 0.4);
  await press('.');
  await expect('ahead five seconds', async () => (await position()) > 5);
  await expect('the transcript follows', () => page.locator('[aria-current=time]').isVisible());
  await press('m');
  await expect('a side is muted', async () => (await page.getByRole('button', { name: 'Mute caller' }).getAttribute('aria-pressed')) === 'true');
  await press(' ');
  await expect('it pauses', () => player.getByRole('button', { name: /^Play/ }).isVisible());
  const canvas = page.locator('canvas').nth(1);
  const box = await canvas.boundingBox();
  await page.mouse.click(box.x + box.width * 0.5, box.y + 8);
  await expect('a click seeks', async () => Math.abs((await position()) - 49.5) < 3);
  await page.getByRole('list', { name: 'Transcript' }).hover();
  await page.mouse.wheel(0, 400);
  await expect('who scrolls is not followed', () => page.getByRole('button', { name: 'Follow the playhead' }).isVisible());
  await page.getByRole('button', { name: 'Follow the playhead' }).click();
  await expect('until they ask for it', () => page.getByRole('button', { name: 'Follow the playhead' }).isHidden());
  await page.getByRole('button', { name: 'Turn 5', exact: true }).click();
  await asks('a turn is selected', 'turn=5');
  const inspector = page.getByRole('complementary');
  await expect('heard, reported and computed stand side by side', async () => (await inspector.getByText('Heard', { exact: true }).isVisible()) && (await inspector.getByText('Reported', { exact: true }).isVisible()) && (await inspector.getByText('Computed', { exact: true }).isVisible()));
  await expect('what no span explains is named', () => inspector.getByText('no span covers it').isVisible());
  await expect('what was not captured is named', () => inspector.getByRole('row', { name: /Endpointing wait/ }).getByText('not captured').isVisible());
  await expect('each piece names its spans', () => inspector.getByRole('row', { name: /LLM/ }).getByRole('button', { name: 'llm' }).first().isVisible());
  await expect('what was new to the model', () => inspector.getByRole('button', { name: /messages? it knew already/ }).isVisible());
  await press('r');
  await expect('a turn loops', () => player.getByRole('button', { name: 'Stop looping (r)' }).isVisible());
  await expect('from where it begins', async () => Math.abs((await position()) - 46.5) < 3);
  await press('r', ' ', 'x');
  await expect('silence can be skipped', async () => (await player.getByRole('button', { name: /^Skip silence/ }).getAttribute('aria-pressed')) === 'true');
  await player.getByRole('button', { name: /of the recording/ }).click();
  await page.getByRole('button', { name: 'Move the recording by 100 ms' }).click();
  await expect('the clock is nudged by hand', () => player.getByRole('button', { name: /corrected by hand/ }).isVisible());
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect('and back', () => player.getByRole('button', { name: /give or take \d+ ms$/ }).isVisible());

  await page.goto(`${origin}/calls/898?tab=about`);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as received' }).click();
  report('the recording can be had as it was received', (await saving).suggestedFilename() === 'call-898-rec-898.wav');

  await page.goto(`${origin}/calls/896`);
  await expect('an unknown clock says so', () => page.getByRole('button', { name: 'clock unknown, of the recording: unknown' }).isVisible());
  await page.goto(`${origin}/calls/894`);
  await expect('no recording is said', () => page.getByText('No recording', { exact: true }).isVisible());
}
