import { describe, expect, test } from 'vitest';
import type { Span } from '@/api/types';
import { ms } from '@/base/units';
import { CallSpans, mergeSpans, type SpanIndex } from './call_spans';
import { kOrigin, sampleSpan } from './span_samples';

const build = (spans: readonly Span[]): CallSpans => new CallSpans(spans, kOrigin);

/** Draws the tree as "name" lines, indented by depth. */
function draw(call: CallSpans, collapsed: readonly string[] = []): string[] {
  return [...call.rows(new Set(collapsed))].map((index) => {
    const at = index as SpanIndex;
    const mark = call.placement(at) === 'orphan' || call.placement(at) === 'cycle' ? ` (${call.placement(at)})` : '';
    return '. '.repeat(call.depth[at]!) + call.span(at).name + mark;
  });
}

describe('the tree', () => {
  const spans = [
    sampleSpan('b2', 30, 40, { parentSpanId: 'b' }),
    sampleSpan('a', 0, 90),
    sampleSpan('b', 20, 60, { parentSpanId: 'a' }),
    sampleSpan('b1', 21, 29, { parentSpanId: 'b' }),
    sampleSpan('c', 70, 80, { parentSpanId: 'a' }),
    sampleSpan('lost', 50, 55, { parentSpanId: 'never came' }),
    sampleSpan('lost1', 51, 52, { parentSpanId: 'lost' }),
  ];
  test('children follow their parent in order of time; orphans and further roots stand for themselves', () =>
    expect(draw(build(spans))).toEqual(['a', '. b', '. . b1', '. . b2', '. c', 'lost (orphan)', '. lost1']));
  test('a collapsed span hides what is inside it', () =>
    expect(draw(build(spans), ['b', 'lost'])).toEqual(['a', '. b', '. c', 'lost (orphan)']));
  test('a cycle of parents is opened at its earliest span', () =>
    expect(draw(build([sampleSpan('x', 2, 3, { parentSpanId: 'y' }), sampleSpan('y', 1, 4, { parentSpanId: 'x' }), sampleSpan('self', 5, 6, { parentSpanId: 'self' })]))).toEqual([
      'y (cycle)', '. x', 'self (cycle)',
    ]));
  test('no spans', () => expect(draw(build([]))).toEqual([]));
  test('a chain deeper than the call stack', () => {
    const chain = Array.from({ length: 20_000 }, (_, at) => sampleSpan(`s${at}`, at / 1000, 99, at === 0 ? {} : { parentSpanId: `s${at - 1}` }));
    expect(build(chain).depth[19_999]).toBe(19_999);
  });
});

test('a tool without a span stands among the spans, but not in the tree', () => {
  const call = new CallSpans([sampleSpan('a', 0, 90)], kOrigin, [
    { name: 'has a span', isError: false, start: ms(10), durationMs: 5, synthetic: false },
    { name: 'look_up', isError: true, start: ms(20), durationMs: 5, synthetic: true },
    { name: 'when?', isError: false, synthetic: true },
  ]);
  expect(draw(call)).toEqual(['a']);
  expect(call.realCount).toBe(1);
  expect(call.spans.map((span) => span.name)).toEqual(['a', 'look_up']);
  expect(call.interval(1 as SpanIndex)).toEqual({ start: 20, end: 25 });
  expect(call.placement(1 as SpanIndex)).toBe('synthetic');
  expect(call.toolOf(1 as SpanIndex)).toBe(1);
});

describe('the axis', () => {
  test('covers the call and its spans', () =>
    expect(build([sampleSpan('early', -20, 10), sampleSpan('late', 90, 140)]).axis(ms(100)).bounds).toEqual({ start: -20, end: 140 }));
  test('leaves out spans whose clock is years off, and counts them', () => {
    const call = build([sampleSpan('fine', 10, 20), sampleSpan('off', 9e11, 9e11 + 5)]);
    expect(call.axis(ms(100))).toEqual({ bounds: { start: 0, end: 100 }, outsideCount: 1 });
  });
  test('an end before its start reads as an instant', () => {
    const call = build([sampleSpan('s', 50, 40)]);
    expect(call.durationMs(0 as SpanIndex)).toBe(0);
  });
});

test('a later version of a span replaces the earlier one', () => {
  const merged = mergeSpans([sampleSpan('a', 0, 1), sampleSpan('b', 0, 1)], [sampleSpan('a', 0, 9), sampleSpan('c', 0, 1)]);
  expect(build(merged).spans.map((span) => span.name)).toEqual(['a', 'b', 'c']);
  expect(build(merged).end[0]).toBe(9);
  expect(mergeSpans(merged, [sampleSpan('a', 0, 9)])).toBe(merged);
});
