import { describe, expect, test } from 'vitest';
import { ms, px, type Interval } from '@/base/units';
import { TimeScale } from '@/model/time_scale';
import { Viewport } from './viewport';

const span = (start: number, end: number): Interval => ({ start: ms(start), end: ms(end) });
const whole = Viewport.whole(span(0, 1000));

function check(viewport: Viewport, start: number, end: number): void {
  expect(viewport.view.start).toBeCloseTo(start, 6);
  expect(viewport.view.end).toBeCloseTo(end, 6);
}

describe('viewport', () => {
  test('zooming leaves the point under the cursor where it is', () => {
    const zoomed = whole.zoomedAt(ms(250), 2);
    check(zoomed, 125, 625);
    const before = new TimeScale(whole.view, px(800)).toPx(250);
    expect(new TimeScale(zoomed.view, px(800)).toPx(250)).toBeCloseTo(before, 6);
  });
  test('zooming out stops at the whole call', () => check(whole.zoomedAt(ms(500), 4).zoomedAt(ms(500), 0.01), 0, 1000));
  test('zooming in stops at ten microseconds', () => {
    let viewport = whole;
    for (let step = 0; step < 200; step++) viewport = viewport.zoomedAt(ms(500), 2);
    expect(viewport.length).toBeCloseTo(0.01, 9);
  });
  test('panning stops at the ends', () => {
    check(whole.showing(span(100, 300)).pannedBy(ms(-500)), 0, 200);
    check(whole.showing(span(100, 300)).pannedBy(ms(5000)), 800, 1000);
  });
  test('showing adds a margin', () => check(whole.showing(span(400, 600), 0.1), 380, 620));
  test('an instant can be shown', () => expect(whole.showing(span(400, 400)).length).toBeCloseTo(0.01, 9));
  test('revealing moves no more than needed', () => {
    const near = whole.showing(span(100, 300));
    expect(near.revealing(span(150, 250))).toBe(near);
    check(near.revealing(span(280, 320)), 130, 330);
    check(near.revealing(span(800, 820)), 710, 910);
  });
  test('a growing call stays whole, a chosen part stays put', () => {
    check(whole.withBounds(span(0, 2000)), 0, 2000);
    check(whole.showing(span(100, 300)).withBounds(span(0, 2000)), 100, 300);
  });
});

describe('time scale', () => {
  test('goes there and back', () => {
    const scale = new TimeScale(span(100, 300), px(400));
    expect(scale.toPx(150)).toBe(100);
    expect(scale.toMs(scale.toPx(173.25))).toBeCloseTo(173.25, 9);
    expect(scale.edges(50, 1e12)).toEqual([-4, 404]);
    expect(scale.edges(150, 250)).toEqual([100, 300]);
    expect(scale.shows(50, 99)).toBe(false);
    expect(scale.shows(50, 101)).toBe(true);
  });
});
