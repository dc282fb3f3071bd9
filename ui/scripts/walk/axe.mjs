// No page may break what axe calls serious, in either theme.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function walkAxe({ browser, origin, report }) {
  const pages = [
    ['the list', '/'],
    ['a call', '/calls/898'],
    ['a turn', '/calls/898?turn=5'],
    ['the span tree', '/calls/897?view=tree&turn=5'],
    ['a span', '/calls/898?view=tree&tab=spans', (page) => page.keyboard.press('ArrowDown')],
    ['tools', '/calls/898?tab=tools'],
    ['models', '/calls/898?tab=models'],
    ['logs', '/calls/898?tab=logs&find=tool'],
    ['about', '/calls/898?tab=about'],
    ['an unknown clock', '/calls/896'],
    ['two calls', '/compare?a=898&b=896'],
    ['analytics', '/analytics'],
    ['settings', '/settings'],
    ['keys', '/settings?part=keys'],
  ];
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    for (const [name, path, act] of pages) {
      await page.goto(`${origin}${path}#key=cs_axe`);
      await page.waitForTimeout(700);
      await act?.(page);
      await page.waitForTimeout(200);
      await page.evaluate(source);
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
      const serious = violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical');
      report(`axe: ${name}, ${colorScheme}`, serious.length === 0, serious.map((violation) => `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`).join('\n     '));
    }
    await context.close();
  }
}
