import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { mockServer } from './mock/vite_plugin.ts';

// With CALLSCOPE_URL the dev server passes API requests on to that server; without it the mock answers.
const server = process.env['CALLSCOPE_URL'];

export default defineConfig({
  plugins: [react(), tailwindcss(), ...(server === undefined ? [mockServer()] : [])],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: server === undefined ? {} : { proxy: { '/api': server } },
  preview: server === undefined ? {} : { proxy: { '/api': server } },
  build: {
    target: 'es2022',
    manifest: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
  },
  test: { include: ['src/**/*.test.ts', 'mock/**/*.test.ts'], environment: 'node' },
});
