// Prints the compressed size of what each page loads and fails when the call page is over its limit.
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const kCallPageBytesMax = 350_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));
// It was for this script; what stays in dist is served.
rmSync(join(dist, '.vite'), { recursive: true });

function collect(key, files) {
  const entry = manifest[key];
  if (entry === undefined || files.has(entry.file)) return files;
  files.add(entry.file);
  for (const imported of entry.imports ?? []) collect(imported, files);
  return files;
}

const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const shell = collect('index.html', new Set());
let failed = false;
for (const key of Object.keys(manifest).filter((name) => name.startsWith('src/pages/'))) {
  const files = collect(key, new Set(shell));
  const bytes = [...files].filter((file) => file.endsWith('.js')).reduce((sum, file) => sum + size(file), 0);
  console.log(`${key.padEnd(40)} ${(bytes / 1000).toFixed(1).padStart(7)} kB of JavaScript, gzip`);
  if (key.includes('call_page') && bytes > kCallPageBytesMax) failed = true;
}
if (failed) {
  console.error(`the call page is over ${kCallPageBytesMax / 1000} kB`);
  process.exit(1);
}
