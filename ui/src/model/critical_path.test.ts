import { expect, test } from 'vitest';
import { CallSpans } from './call_spans';
import { criticalPath } from './critical_path';
import { kOrigin, sampleSpan } from './span_samples';

function check(spans: readonly (readonly [id: string, start: number, end: number, parent?: string])[], expected: Readonly<Record<string, string>>): void {
  const call = new CallSpans(spans.map(([id, start, end, parent]) => sampleSpan(id, start, end, parent === undefined ? {} : { parentSpanId: parent })), kOrigin);
  const found = Object.fromEntries([...criticalPath(call)].map(([index, parts]) => [call.span(index).spanId, parts.map(({ start, end }) => `${start}-${end}`).sort().join(' ')]));
  expect(found).toEqual(expected);
}

test('of two that run side by side the later one was waited for', () =>
  check([['root', 0, 100], ['a', 10, 40, 'root'], ['b', 20, 90, 'root']], { root: '0-20 90-100', b: '20-90' }));

test('one after the other, both', () => check([['root', 0, 100], ['a', 0, 40, 'root'], ['b', 40, 100, 'root']], { a: '0-40', b: '40-100' }));

test('a child that outlives its parent counts only as long as the parent', () => check([['root', 0, 50], ['a', 30, 80, 'root']], { root: '0-30', a: '30-50' }));

test('it goes down the tree', () => check([['root', 0, 10], ['a', 2, 10, 'root'], ['b', 4, 8, 'a']], { root: '0-2', a: '2-4 8-10', b: '4-8' }));
