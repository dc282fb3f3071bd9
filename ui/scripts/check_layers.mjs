// Checks every import in src/ against layers.txt, and that nothing in src/ reaches outside it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');

const allowed = new Map();
for (const line of readFileSync(join(root, 'layers.txt'), 'utf8').split('\n')) {
  const text = line.replace(/#.*/, '').trim();
  if (text === '') continue;
  const [layer, below = ''] = text.split(':');
  allowed.set(layer.trim(), new Set([layer.trim(), ...below.trim().split(/\s+/).filter(Boolean)]));
}

const problems = [];
for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  const place = relative(root, file);
  const layer = relative(source, file).split('/')[0];
  if (!/^[a-z0-9_]+(\.test|\.d)?\.tsx?$/.test(entry.name)) problems.push(`${place}: file names are snake_case`);
  if (!allowed.has(layer)) {
    problems.push(`${place}: '${layer}' is not a layer of layers.txt`);
    continue;
  }
  const text = readFileSync(file, 'utf8');
  for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    let target;
    if (specifier.startsWith('@/')) target = specifier.slice(2);
    else if (specifier.startsWith('.')) target = relative(source, resolve(dirname(file), specifier));
    else continue;
    const targetLayer = target.split('/')[0];
    if (targetLayer === '..') problems.push(`${place}: imports '${specifier}' from outside src`);
    else if (!allowed.get(layer).has(targetLayer)) problems.push(`${place}: '${layer}' must not import '${targetLayer}' (${specifier})`);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('layers: fine');
