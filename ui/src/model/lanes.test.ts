import { expect, test } from 'vitest';
import type { Span } from '@/api/types';
import { CallSpans } from './call_spans';
import { layOutLanes } from './lanes';
import { kOrigin, sampleSpan } from './span_samples';

function check(spans: readonly Span[], expected: Record<string, string[][]>): void {
  const call = new CallSpans(spans, kOrigin);
  const lanes = layOutLanes(call);
  const named = lanes.map((lane) => [lane.id, lane.rows.map((row) => [...row].map((index) => call.spans[index]!.name))]);
  expect(Object.fromEntries(named)).toEqual(expected);
}

test('spans that overlap get rows of their own, in lanes of their kind', () =>
  check(
    [
      sampleSpan('llm1', 0, 10, { kind: 'llm' }),
      sampleSpan('llm2', 5, 20, { kind: 'llm' }),
      sampleSpan('llm3', 10, 30, { kind: 'llm' }),
      sampleSpan('tts1', 7, 9, { kind: 'tts' }),
      sampleSpan('turn', 0, 90, { kind: 'turn' }),
    ],
    { llm: [['llm1', 'llm3'], ['llm2']], tts: [['tts1']] },
  ));

test('a crowd takes as many rows as there are at a time', () =>
  check(
    [...Array.from({ length: 6 }, (_, at) => sampleSpan(`t${at}`, at, 50, { kind: 'tool' })), sampleSpan('next', 60, 70, { kind: 'tool' })],
    { tool: [['t0', 'next'], ['t1'], ['t2'], ['t3'], ['t4'], ['t5']] },
  ));
