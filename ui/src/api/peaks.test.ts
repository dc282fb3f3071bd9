import { expect, test } from 'vitest';
import { readPeaks } from './peaks';

function file(level: number, channels: number, values: readonly number[], magic = 'CSPEAK01'): ArrayBuffer {
  const bytes = new ArrayBuffer(32 + values.length);
  const view = new DataView(bytes);
  Array.from(magic, (letter, at) => view.setUint8(at, letter.charCodeAt(0)));
  view.setUint16(8, channels, true);
  view.setUint8(10, 1);
  view.setUint8(11, level);
  view.setUint32(12, 16_000, true);
  view.setUint32(24, 256, true);
  values.forEach((value, at) => view.setInt8(32 + at, value));
  return bytes;
}

test('channels stand one after the other', () => {
  const peaks = readPeaks(file(1, 2, [-1, 2, -3, 4, -5, 6, -7, 8]));
  expect([peaks.level, peaks.channels, peaks.count, peaks.bucketS]).toEqual([1, 2, 2, 0.064]);
  expect([peaks.low(1, 0), peaks.high(1, 0), peaks.low(0, 1), peaks.high(1, 1)]).toEqual([-3, 4, -5, 8]);
});

test('what is no waveform is refused', () => {
  expect(() => readPeaks(new ArrayBuffer(8))).toThrow('peaks');
  expect(() => readPeaks(file(0, 1, [0, 0], 'NOTPEAKS'))).toThrow('peaks');
});
