import { describe } from 'vitest';
import { expect, test } from './stage.ts';

describe('4: the transcript', () => {
  test('follows the sound until the reader scrolls, and again when asked', async ({ stage }) => {
    await stage.openCall('pipecat');
    const { page } = stage;
    await stage.press(' ', '.', '.');
    const current = page.locator('[aria-current=time]');
    await stage.see(current);
    await page.getByRole('list', { name: 'Transcript' }).hover();
    await page.mouse.wheel(0, 300);
    await stage.see(page.getByRole('button', { name: 'Follow the playhead' }));
    await stage.press('.', '.', '.', '.', '.', '.', '.');
    await page.getByRole('button', { name: 'Follow the playhead' }).click();
    await stage.seeGone(page.getByRole('button', { name: 'Follow the playhead' }));
    await stage.see(current);
  });

  test('rows tell times, silence, overlap, interruption and how sure the transcriber was', async ({ stage }) => {
    await stage.openCall('pipecat');
    const rows = stage.page.getByRole('list', { name: 'Transcript' }).getByRole('listitem');
    await stage.see(rows.filter({ hasText: /0:0\d\.\d–0:0\d\.\d/ }));
    await stage.see(rows.filter({ hasText: /1\.2\d s silence/ }));
    await stage.see(rows.filter({ hasText: 'interrupted by caller' }));
    await stage.see(rows.filter({ hasText: 'overlaps' }));
    await stage.openCall('foreign');
    await stage.see(rows.filter({ hasText: '予約を変更' }).filter({ hasText: '62 %' }));
  });

  test('tools are rows that open to input, output, error and duration', async ({ stage }) => {
    await stage.openCall('livekit');
    const tool = stage.page.getByRole('button', { name: /^list_slots/ });
    await stage.see(stage.page.getByRole('listitem').filter({ has: tool }).filter({ hasText: 'failed' }).filter({ hasText: '1.50 s' }));
    expect(await tool.getAttribute('aria-expanded')).toBe('false');
    await tool.click();
    await stage.see(stage.page.getByText('"after": "12:00"'));
    await stage.see(stage.page.getByText('TimeoutError: the calendar did not answer'));
  });

  test('what was generated but not heard is told from what was heard', async ({ stage }) => {
    await stage.openCall('foreign');
    const unheard = stage.page.getByTitle(/Generated, but the caller barged in/);
    await stage.see(unheard);
    expect(await unheard.innerText()).toBe('thing else?');
    await stage.page.getByRole('button', { name: 'Turn 2', exact: true }).click();
    await stage.see(stage.page.getByRole('complementary').getByText('Generated, but not all of it was heard'));
  });

  test('find counts its matches and walks through them', async ({ stage }) => {
    await stage.openCall('pipecat');
    await stage.press('/');
    await stage.type('replacement');
    await stage.press('Enter');
    await stage.see(stage.page.getByText(/^1\/\d+$/));
    await stage.press('Enter');
    await stage.see(stage.page.getByText(/^2\/\d+$/));
    await stage.see(stage.page.getByRole('list', { name: 'Transcript' }).locator('mark'));
  });

  test('words that are written from right to left are', async ({ stage }) => {
    await stage.openCall('foreign');
    const words = stage.page.getByRole('list', { name: 'Transcript' }).getByText('يوم الخميس من فضلك');
    expect(await words.evaluate((element) => element.matches(':dir(rtl)'))).toBe(true);
  });
});
