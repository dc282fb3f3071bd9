import { expect, test } from 'vitest';
import { alignmentOf, AudioClock } from './audio_clock';

test('a clock maps both ways', () => {
  const clock = new AudioClock(250, 100);
  expect(clock.toCall(10)).toBeCloseTo(10_251);
  expect(clock.toAudio(clock.toCall(3600))).toBeCloseTo(3600);
});

test('without evidence the recording stands on a time of its own', () => {
  expect(alignmentOf(undefined)).toMatchObject({ state: 'unknown', nudgeMs: undefined });
  expect(alignmentOf({ state: 'unknown', nudgeMs: -120 })).toMatchObject({ state: 'by_hand', clock: { offsetMs: -120 } });
  expect(alignmentOf({ state: 'known', offsetMs: 80, driftPpm: 0, uncertaintyMs: 12 })).toMatchObject({ state: 'known', clock: { offsetMs: 80 }, uncertaintyMs: 12 });
});
