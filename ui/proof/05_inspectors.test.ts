import { describe } from 'vitest';
import { expect, test } from './stage.ts';

describe('5: the inspectors', () => {
  test('a turn: where its wait went, by which spans, and three latencies side by side', async ({ stage }) => {
    await stage.openCall('livekit');
    await stage.press('s');
    const inspector = stage.page.getByRole('complementary');
    await stage.see(inspector.getByRole('heading', { name: 'Turn 3' }));
    for (const source of ['Heard', 'Reported', 'Computed']) await stage.see(inspector.getByText(source, { exact: true }));
    await stage.see(inspector.getByText(/The caller waited 1\d\d ms longer/));
    await stage.see(inspector.getByRole('row', { name: /Tools/ }).getByRole('button', { name: 'list_slots' }));
    await stage.see(inspector.getByText('no span covers it'));
    await stage.openCall('pipecat', '?turn=4');
    await stage.see(inspector.getByRole('row', { name: /Endpointing wait/ }).getByText('not captured'));
    await stage.see(inspector.getByRole('row', { name: /Tools/ }).getByText(/^2,4\d\d ms$/));
  });

  test('why the caller waited is said in a sentence that a laptop shows without scrolling', async ({ stage }) => {
    await stage.page.setViewportSize({ width: 1280, height: 720 });
    for (const search of ['', '?turn=4']) {
      await stage.openCall('pipecat', search);
      const sentence = stage.page.getByRole('complementary').getByLabel('What most of the wait went to');
      await expect.poll(() => sentence.innerText()).toMatch(/^Most of it:\s+Tools 2,4\d\d ms \(create_replacement failed\), then\s+LLM first token 1,0\d\d ms$/);
      const box = (await sentence.boundingBox())!;
      expect(box.y + box.height).toBeLessThanOrEqual(720);
    }
  });

  test('a transcript with times and nothing else still tells where the caller waited', async ({ stage }) => {
    await stage.openCall('foreign');
    const silences = stage.page.getByRole('region', { name: 'Silences of the transcript' });
    await stage.see(silences.getByText('median 900 ms, n 2', { exact: false }));
    await stage.see(stage.page.locator('dl > div', { hasText: 'Longest silence' }).getByText('1.40 s'));
    await silences.getByRole('button').first().click();
    await stage.see(stage.page.getByRole('complementary').getByText('The transcript leaves 1.40 s'));
  });

  test('a turn: what the model was asked, and what of it was new', async ({ stage }) => {
    await stage.openCall('pipecat', '?turn=4');
    const inspector = stage.page.getByRole('complementary');
    await stage.see(inspector.getByRole('heading', { name: 'What the model was asked' }));
    await stage.see(inspector.getByText('gpt-4.1-mini').first());
    const known = inspector.getByRole('button', { name: /messages? it knew already/ });
    await stage.see(known);
    await stage.see(inspector.getByText('Just send the replacement, please. To the same address.'));
    await known.first().click();
    await stage.see(inspector.getByText(/You are a voice support agent for Northwind/));
  });

  test('a turn and a span: what a model was asked and answered, where that came as log lines', async ({ stage }) => {
    const { page } = stage;
    await stage.openCall('words_in_logs');
    await stage.press('j');
    const inspector = page.getByRole('complementary');
    const asked = inspector.getByRole('list', { name: 'What the model was asked' });
    await stage.see(asked.getByText('result get_weather'));
    await stage.see(asked.getByText('"temp_c"'));
    await stage.see(inspector.getByRole('list', { name: 'What the model answered' }).getByText('It is 4 degrees in Oslo.'));
    await stage.see(asked.getByText('calls get_weather'));
    await stage.see(asked.getByText('Be brief.'));
    await inspector.getByRole('button', { name: /^gpt-4o-mini/ }).first().click();
    await stage.expectParameter('span', /.+/);
    await stage.see(inspector.getByRole('list', { name: 'Output messages' }).getByText('It is 4 degrees in Oslo.'));
  });

  test('a span: attributes that can be searched, events, resource and raw OTLP', async ({ stage }) => {
    await stage.openCall('livekit');
    await stage.press('e');
    await stage.expectParameter('span', /.+/);
    const inspector = stage.page.getByRole('complementary');
    await stage.see(inspector.getByText('gen_ai.tool.call.id'));
    await inspector.getByRole('searchbox', { name: 'Search attributes' }).fill('arguments');
    await stage.seeGone(inspector.getByText('gen_ai.tool.call.id'));
    await stage.see(inspector.getByText('lk.pii.function_tool.arguments'));
    await stage.see(inspector.getByText('exception', { exact: true }));
    await inspector.getByRole('button', { name: /^Resource/ }).click();
    await inspector.getByRole('searchbox', { name: 'Search attributes' }).fill('');
    await stage.see(inspector.getByText('service.name'));
    await inspector.getByRole('button', { name: 'Raw OTLP' }).click();
    await stage.see(inspector.getByLabel('OTLP/JSON', { exact: true }));
    await inspector.getByRole('button', { name: /^Copy gen_ai.tool.name/ }).click();
    await expect.poll(() => stage.page.evaluate(() => navigator.clipboard.readText())).toBe('list_slots');
  });

  test('a value of megabytes is shown as far as it is asked for', async ({ stage }) => {
    await stage.openCall('large_value', '?tab=spans');
    await stage.page.getByRole('button', { name: 'fetch_history' }).click();
    const value = stage.page.getByRole('complementary').getByLabel('history', { exact: true });
    await stage.see(value);
    expect((await value.innerText()).length).toBeLessThan(10_000);
    await value.getByRole('button', { name: /show .* more of \d\.\d MB/ }).click();
    await stage.expect('more of it', async () => (await value.evaluate((element) => element.textContent.length)) > 200_000);
    await stage.see(value.getByRole('button', { name: /show/ }));
  });
});
