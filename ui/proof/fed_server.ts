import type { TestProject } from 'vitest/node';
import { startFeed, type Place } from '../scripts/feed.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly place: Place;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const feed = await startFeed('serve.py');
  project.provide('place', feed.place);
  return feed.stop;
}
