// A signed-in page on the fed server, and words for what a person does and sees.
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { test as base, expect, inject } from 'vitest';
import { kChromium, type CallName, type Place } from '../scripts/feed.mjs';

const kSeenMs = 40_000;
const kWindow = { width: 1440, height: 900 };

export class Stage {
  readonly place: Place;
  page: Page;

  constructor(page: Page, place: Place) {
    this.page = page;
    this.place = place;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`${this.place.url}${path}`);
  }

  /** Opens a call and waits until its turns and spans are there. */
  async openCall(name: CallName, search = ''): Promise<void> {
    await this.open(`/calls/${this.place.calls[name]}${search}`);
    await this.see(this.page.getByRole('list', { name: 'Transcript' }).or(this.page.getByRole('tabpanel')));
    await this.see(this.page.getByText(/^\d+ spans?$/));
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async see(what: Locator): Promise<void> {
    await what.first().waitFor({ state: 'visible', timeout: kSeenMs });
  }

  async seeGone(what: Locator): Promise<void> {
    await what.first().waitFor({ state: 'hidden', timeout: kSeenMs });
  }

  /** Waits until `holds` does, and says `what` where it never does. */
  async expect(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    await expect.poll(holds, { timeout: kSeenMs, interval: 50, message: what }).toBe(true);
  }

  parameter(name: string): string | null {
    return new URL(this.page.url()).searchParams.get(name);
  }

  async expectParameter(name: string, value: string | RegExp | null): Promise<void> {
    await this.expect(`${name} in the address is ${String(value)}`, () => {
      const found = this.parameter(name);
      return value instanceof RegExp ? value.test(found ?? '') : found === value;
    });
  }

  /** Asks the API as the page does. */
  async api(path: string, init: RequestInit = {}): Promise<unknown> {
    const answer = await fetch(`${this.place.url}/api/v1/${path}`, { ...init, headers: { 'x-callscope-api-key': this.place.key } });
    return answer.json();
  }

  /** Bytes of pixels of a canvas that changes when what it draws does. */
  async pixels(canvas: Locator): Promise<string> {
    return canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
  }
}

interface Fixtures {
  readonly browser: Browser;
  readonly stage: Stage;
}

export const test = base.extend<Fixtures>({
  browser: [
    async ({}, provide) => {
      const browser = await chromium.launch(kChromium);
      await provide(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  stage: async ({ browser }, provide) => {
    const place = inject('place');
    const context = await browser.newContext({ viewport: kWindow, reducedMotion: 'reduce' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: place.url });
    await context.addInitScript((key) => localStorage.setItem('callscope.key', localStorage.getItem('callscope.key') ?? key), place.key);
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (![place.url, 'data:', 'blob:'].some((known) => request.url().startsWith(known))) problems.push(`asks ${request.url()}`);
    });
    await provide(new Stage(page, place));
    await context.close();
    expect(problems, 'errors on the page, or requests to others than its server').toEqual([]);
  },
});

export { expect };
