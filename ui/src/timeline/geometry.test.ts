import { describe, expect, test } from 'vitest';
import { ms, px } from '@/base/units';
import { CallSpans } from '@/model/call_spans';
import { layOutLanes } from '@/model/lanes';
import { kOrigin, sampleSpan } from '@/model/span_samples';
import { barAt, visitBars } from './bars';
import { LaneLayout } from './lane_layout';
import { TimeScale } from '@/model/time_scale';

const call = new CallSpans(
  [
    sampleSpan('a', 0, 10, { kind: 'llm' }),
    sampleSpan('b', 20, 60, { kind: 'llm' }),
    sampleSpan('c', 30, 40, { kind: 'llm' }),
    sampleSpan('d', 70, 70, { kind: 'tool' }),
    sampleSpan('e', 90, 100, { kind: 'llm' }),
  ],
  kOrigin,
);
const lanes = layOutLanes(call);
const layout = new LaneLayout(lanes);
const names = (indices: readonly number[]): string => indices.map((index) => call.spans[index]!.name).join(' ');

function visible(start: number, end: number, row: Int32Array): string {
  const found: number[] = [];
  visitBars(row, call, new TimeScale({ start: ms(start), end: ms(end) }, px(100)), (index) => found.push(index));
  return names(found);
}

describe('bars', () => {
  const row = lanes[0]!.rows[0]!;
  test('only what can be seen is visited', () => {
    expect(visible(0, 100, row)).toBe('a b e');
    expect(visible(15, 50, row)).toBe('b');
    expect(visible(61, 80, row)).toBe('');
  });
  test('bars on pixels that are taken are left out', () => {
    const crowd = new CallSpans(Array.from({ length: 10_000 }, (_, at) => sampleSpan(`s${at}`, at / 100, at / 100 + 0.005, { kind: 'llm' })), kOrigin);
    let count = 0;
    visitBars(layOutLanes(crowd)[0]!.rows[0]!, crowd, new TimeScale({ start: ms(0), end: ms(100) }, px(300)), () => count++);
    expect(count).toBeLessThanOrEqual(601);
    expect(count).toBeGreaterThan(140);
  });
  test('the pointer finds the nearest bar, the shortest first', () => {
    const scale = new TimeScale({ start: ms(0), end: ms(100) }, px(100));
    const all = Int32Array.from([0, 1, 2, 3, 4]);
    const at = (x: number): string | undefined => {
      const index = barAt(all, call, scale, x);
      return index === undefined ? undefined : call.spans[index]!.name;
    };
    expect([at(5), at(12), at(35), at(25), at(71), at(80)]).toEqual(['a', 'a', 'c', 'b', 'd', undefined]);
  });
});

describe('lanes', () => {
  test('stand one below the other without gaps', () => {
    expect(layout.bands.map((band) => band.lane.id)).toEqual(['llm', 'tool']);
    expect(layout.bands[1]!.top).toBe(layout.bands[0]!.height);
    expect(layout.height).toBe(layout.bands[0]!.height + layout.bands[1]!.height);
  });
  test('every bar is hit where it is drawn', () => {
    for (const band of layout.bands) {
      band.lane.rows.forEach((row, at) => {
        const top = layout.rowTop(band, at);
        expect(layout.rowAt(top)).toBe(row);
        expect(layout.rowAt(top + LaneLayout.barHeight - 1)).toBe(row);
      });
    }
    expect(layout.rowAt(layout.height + 1)).toBeUndefined();
  });
});
