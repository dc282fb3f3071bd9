import { expect, test } from 'vitest';
import { Peaks } from '@/api/peaks';
import { levelFor, WaveSource } from './wave_source';

test('the level has a bucket for every pixel, and no more levels than there are', () => {
  expect([0.001, 0.016, 0.063, 0.064, 0.3, 5, 1e6].map(levelFor)).toEqual([0, 0, 0, 1, 2, 4, 5]);
});

test('the nearest level stands in until the right one comes', async () => {
  const asked: number[] = [];
  let news = 0;
  const source = new WaveSource((level) => {
    asked.push(level);
    return level === 2 ? Promise.reject(new Error('gone')) : Promise.resolve(new Peaks(new Int8Array([-1, 1]), level, 1));
  });
  source.subscribe(() => news++);
  expect(source.at(1.1)).toBeUndefined();
  await Promise.resolve();
  await Promise.resolve();
  expect(source.at(1.1)?.level).toBe(3);
  expect(source.at(0.3)?.level).toBe(3);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(source.at(0.3)?.level).toBe(3);
  expect(asked).toEqual([3, 2]);
  expect(news).toBe(2);
  expect(source.hasFailed).toBe(false);
});
