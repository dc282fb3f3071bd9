import { defineConfig } from 'vitest/config';

// What a person can do with the pages, proven in Chromium on a real server fed by real exporters.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    environment: 'node',
    globalSetup: ['./fed_server.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 40_000 } },
    maxWorkers: 2,
  },
});
