import { describe } from 'vitest';
import { expect, Stage, test } from './stage.ts';

describe('10: settings', () => {
  test('a key is made, shown once, works, and is revoked', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=keys');
    await page.getByLabel('Name of the key').fill('proof');
    await page.getByRole('button', { name: 'Create a key' }).click();
    const made = page.getByRole('dialog').getByText(/^cs_/);
    await stage.see(made);
    const key = (await made.innerText()).trim();
    const asked = (): Promise<number> => fetch(`${stage.place.url}/api/v1/server`, { headers: { 'x-callscope-api-key': key } }).then((answer) => answer.status);
    expect(await asked()).toBe(200);
    await stage.press('Escape');
    await stage.seeGone(page.getByText(key));
    await page.getByRole('row', { name: /^proof/ }).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await expect.poll(asked).toBe(401);
  });

  test('agents and projects are made', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=agents');
    await page.getByLabel('Name of the agent').fill('night shift');
    await page.getByRole('button', { name: 'Create an agent' }).click();
    await stage.see(page.getByRole('row', { name: /night shift/ }));
    await stage.open('/settings?part=projects');
    await page.getByLabel('Name of the project').fill('second floor');
    await page.getByRole('button', { name: 'Create a project' }).click();
    await stage.see(page.getByRole('row', { name: /second floor/ }));
  });

  test('what becomes of calls nobody claims, and of call logs that are known', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=agents');
    await page.getByLabel('Calls of table-agent without a session or log').selectOption('21600');
    await expect.poll(async () => ((await stage.api('agents')) as { items: { name: string; unclaimed_after_s?: number }[] }).items.find((agent) => agent.name === 'table-agent')?.unclaimed_after_s).toBe(21_600);
    await page.getByLabel('Calls of table-agent without a session or log').selectOption('keep');
    await stage.open('/settings?part=projects');
    const known = page.getByLabel('Known call logs of an empty one');
    await known.selectOption('refuse');
    await page.reload();
    await stage.expect('it was stored', async () => (await known.inputValue()) === 'refuse');
    const kept = page.getByLabel('How long calls of an empty one are kept');
    await kept.selectOption('30');
    await page.reload();
    await stage.expect('it was stored', async () => (await kept.inputValue()) === '30');
    await kept.selectOption('');
  });

  test('what an agent is built with, whether it is traced, and how long its calls are kept', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=agents');
    const stored = async (): Promise<Record<string, unknown> | undefined> => ((await stage.api('agents')) as { items: Record<string, unknown>[] }).items.find((agent) => agent['name'] === 'table-agent');
    await page.getByLabel('What table-agent is built with').selectOption('LiveKit');
    await expect.poll(async () => (await stored())?.['provider']).toBe('livekit');
    await page.getByLabel('Tracing of table-agent').selectOption('off');
    await expect.poll(async () => (await stored())?.['tracing']).toBe('off');
    await page.getByLabel('Tracing of table-agent').selectOption('on');
    await expect.poll(async () => (await stored())?.['tracing']).toBe('on');
    await page.getByLabel('How long calls of table-agent are kept').selectOption('365');
    await expect.poll(async () => (await stored())?.['retention_days']).toBe(365);
    await page.getByLabel('How long calls of table-agent are kept').selectOption('as the project’s');
    await expect.poll(async () => (await stored())?.['retention_days']).toBe(undefined);
  });

  test('LiveKit keys and secrets of providers are set and taken back, and never shown', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=intake');
    await stage.see(page.getByText('No LiveKit keys'));
    await page.getByLabel('LiveKit API key').fill('APIproof');
    await page.getByLabel('LiveKit API secret').fill('a secret of more than thirty-two characters');
    await page.getByRole('button', { name: 'Take uploads signed with it' }).click();
    await stage.see(page.getByText('APIproof', { exact: true }));
    await page.getByRole('button', { name: 'Take no more of them' }).click();
    await stage.see(page.getByText('No LiveKit keys'));
    const vapi = page.getByRole('listitem', { name: 'Vapi' });
    await vapi.getByLabel('Secret of Vapi').fill('hush');
    await vapi.getByRole('button', { name: 'Set' }).click();
    await stage.see(vapi.getByText('signed only'));
    expect(await page.content()).not.toContain('hush');
    await vapi.getByRole('button', { name: 'Remove' }).click();
    await stage.see(vapi.getByText('by API key'));
  });

  test('a webhook shows its secret once and what became of its deliveries', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=webhooks');
    await stage.see(page.getByText('No webhooks'));
    await page.getByLabel('URL of the webhook').fill('https://example.com/calls');
    await page.getByRole('button', { name: 'Create a webhook' }).click();
    await stage.see(page.getByRole('dialog').getByText(/Copy the secret/));
    await stage.press('Escape');
    await page.getByRole('button', { name: 'Deliveries', exact: true }).click();
    await stage.see(page.getByText('Nothing was delivered yet').or(page.getByRole('table', { name: /^Deliveries to/ })));
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete the webhook' }).click();
    await stage.see(page.getByText('No webhooks'));
  });

  test('how to connect an agent, for each way, with a prompt for a coding agent', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings');
    await stage.see(page.getByText(`OTEL_EXPORTER_OTLP_ENDPOINT=${stage.place.url}`));
    const shows: Readonly<Record<string, string>> = { Pipecat: 'enable_turn_tracking=True', 'LiveKit Agents': 'set_tracer_provider(provider)', Python: 'trace.get_tracer("my-agent")', Node: 'new NodeTracerProvider', Go: 'otlptracehttp.New(ctx)' };
    for (const [framework, code] of Object.entries(shows)) {
      await page.getByRole('radio', { name: framework, exact: true }).click();
      await stage.see(page.getByText(code));
    }
    await page.getByText('Or let a coding agent do it').click();
    await stage.see(page.getByText(/Send this voice agent's OpenTelemetry traces to Callscope/));
  });

  test('a price of one’s own lies over the list, and is taken back', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=prices');
    await stage.see(page.getByText('No prices of your own'));
    await stage.see(page.getByText('Older calls keep the cost they have'));
    await page.getByLabel('Find a price').fill('openai gpt-4.1-nano');
    const listed = page.getByRole('table', { name: 'Prices', exact: true }).getByRole('row', { name: /gpt-4.1-nano/ }).first();
    await stage.see(listed.getByText('$0.1', { exact: true }));
    await page.getByLabel('Model, or a pattern of it').fill('gpt-4.1-nano*');
    await page.getByLabel('USD').fill('0.055');
    await page.getByRole('button', { name: 'Set the price' }).click();
    await stage.see(listed.getByText('$0.055', { exact: true }));
    await stage.see(listed.getByText('your own'));
    await page.getByLabel('Provider, or a pattern of it').fill('a*b');
    await page.getByLabel('Model, or a pattern of it').fill('x');
    await page.getByLabel('USD').fill('1');
    await page.getByRole('button', { name: 'Set the price' }).click();
    await stage.see(page.getByText(/own\[0\]\.provider has up to/));
    await page.getByRole('button', { name: /^Remove the price of gpt-4.1-nano/ }).click();
    await stage.see(page.getByText('No prices of your own'));
    await stage.see(listed.getByText('$0.1', { exact: true }));
  });

  test('a user is added, signs in by password, may do what the role says, and is removed', async ({ stage, browser }) => {
    const { page, place } = stage;
    await stage.open('/settings?part=users');
    await page.getByLabel('Name or e-mail of the user').fill('ada@example.com');
    await page.getByLabel('Password of the user').fill('correct horse');
    await page.getByLabel('Role', { exact: true }).selectOption('viewer');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const row = page.getByRole('row', { name: /ada@example\.com/ });
    await stage.see(row);

    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const hers = new Stage(await context.newPage(), place);
    const signIn = async (password: string): Promise<void> => {
      await hers.page.getByRole('radio', { name: 'Name and password' }).click();
      await hers.page.getByLabel('Name or e-mail').fill('Ada@Example.com');
      await hers.page.getByLabel('Password', { exact: true }).fill(password);
      await hers.press('Enter');
    };
    await hers.open('/settings?part=account');
    await signIn('wrong password');
    await hers.see(hers.page.getByText('the name or the password is wrong'));
    await signIn('correct horse');
    await hers.see(hers.page.getByText('viewer: reads what is the project’s'));
    expect(await hers.page.evaluate(() => [document.cookie, JSON.stringify(localStorage)].join())).not.toMatch(/cs_/);
    await hers.open('/settings?part=agents');
    await hers.see(hers.page.getByText('You may only read'));
    expect(await hers.page.getByRole('button', { name: 'Create an agent' }).isVisible()).toBe(false);
    await hers.page.getByRole('button', { name: 'Users' }).click();
    await hers.see(hers.page.getByText('Users are an administrator’s'));
    await hers.open('/');
    await hers.see(hers.page.getByRole('link', { name: /table-agent/ }).or(hers.page.getByRole('row', { name: /table-agent/ })));

    // The role counts from the next request on, and a new password ends the session.
    await row.getByLabel('Role of ada@example.com').selectOption('member');
    await expect.poll(async () => ((await stage.api('users')) as { items: { name: string; role: string }[] }).items.map(({ role }) => role)).toContain('member');
    await hers.open('/settings?part=account');
    await hers.see(hers.page.getByText('member: reads and changes'));
    await hers.page.getByLabel('Current password').fill('correct horse');
    await hers.page.getByLabel('New password').fill('battery staple');
    await hers.page.getByRole('button', { name: 'Change the password' }).click();
    await hers.see(hers.page.getByText(/Sign in with the new one/));
    await signIn('battery staple');
    await hers.see(hers.page.getByRole('link', { name: 'ada@example.com' }));
    await hers.page.getByRole('button', { name: 'Sign out' }).click();
    await hers.see(hers.page.getByLabel('Password', { exact: true }));
    await context.close();

    await row.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove the user' }).click();
    await stage.see(page.getByText('No users yet'));
  });

  test('the last administrator stays', async ({ stage }) => {
    const { page } = stage;
    await stage.open('/settings?part=users');
    await page.getByLabel('Name or e-mail of the user').fill('warden');
    await page.getByLabel('Password of the user').fill('short');
    await page.getByLabel('Role', { exact: true }).selectOption('admin');
    await page.getByRole('button', { name: 'Add a user' }).click();
    await stage.see(page.getByText('a password has 10 to 1000 characters'));
    await page.getByLabel('Password of the user').fill('long enough now');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const row = page.getByRole('row', { name: /warden/ });
    await stage.see(row);
    expect(await row.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    expect(await row.getByLabel('Role of warden').isDisabled()).toBe(true);
    await row.getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('dialog').getByLabel('New password').fill('another phrase');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await stage.seeGone(page.getByRole('dialog'));
  });

  test('who may only read can change nothing', async ({ stage }) => {
    const { page, place } = stage;
    await page.goto(`${place.url}/settings?part=agents#key=${place.reader_key}`);
    await stage.see(page.getByText(/read-only key/));
    expect(await page.getByRole('button', { name: 'Create an agent' }).isVisible()).toBe(false);
    await page.goto(`${place.url}/calls/${place.calls.pipecat}`);
    await stage.see(page.getByText(/^\d+ spans?$/));
    expect(await page.getByRole('button', { name: 'Delete' }).isVisible()).toBe(false);
  });
});
