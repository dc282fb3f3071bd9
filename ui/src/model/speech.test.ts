import { expect, test } from 'vitest';
import { firstEndingAfter, overlap, Speech, union } from './speech';

const stretch = (startS: number, endS: number) => ({ startS, endS });

test('stretches that touch become one', () => expect(union([stretch(4, 5), stretch(0, 2), stretch(2, 3)])).toEqual([stretch(0, 3), stretch(4, 5)]));

test('overlaps are what both have', () => expect(overlap([stretch(0, 2), stretch(5, 9)], [stretch(1, 6), stretch(8, 8.5)])).toEqual([stretch(1, 2), stretch(5, 6), stretch(8, 8.5)]));

test('the first that ends after a time', () => expect([0, 1, 1.5, 3].map((at) => firstEndingAfter([stretch(0, 1), stretch(2, 3)], at))).toEqual([0, 1, 1, 2]));

test('silence is skipped only where enough of it is left, and never to nowhere', () => {
  const speech = new Speech([{ channel: 0, startS: 1, endS: 2 }, { channel: 1, startS: 6, endS: 7 }]);
  expect(speech.endOfSilence(3, 1)).toBe(6);
  expect(speech.endOfSilence(5.5, 1)).toBeUndefined();
  expect(speech.endOfSilence(1.5, 0.1)).toBeUndefined();
  expect(speech.endOfSilence(8, 1)).toBeUndefined();
  expect(speech.overlaps).toEqual([]);
});
