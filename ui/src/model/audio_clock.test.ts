import { expect, test } from 'vitest';
import type { Call } from '@/api/types';
import { alignmentOf, AudioClock, lengthBesidesSpans } from './audio_clock';

test('a clock maps both ways', () => {
  const clock = new AudioClock(250, 100);
  expect(clock.toCall(10)).toBeCloseTo(10_251);
  expect(clock.toAudio(clock.toCall(3600))).toBeCloseTo(3600);
});

const call = (more: Partial<Call>): Call => ({ turns: [], transcript: [], recordings: [], spanCount: 3, ...more }) as unknown as Call;

test('without evidence the recording stands on a time of its own', () => {
  expect(alignmentOf(call({}))).toMatchObject({ state: 'unknown', nudgeMs: undefined });
  expect(alignmentOf(call({ clock: { state: 'unknown', nudgeMs: -120 } }))).toMatchObject({ state: 'by_hand', clock: { offsetMs: -120 } });
  expect(alignmentOf(call({ clock: { state: 'known', offsetMs: 80, driftPpm: 0, uncertaintyMs: 12 } }))).toMatchObject({ state: 'known', clock: { offsetMs: 80 }, uncertaintyMs: 12 });
});

test('a call that is a recording and nothing else has its time and its length', () => {
  const alone = call({ spanCount: 0, audio: { state: 'done', durationS: 41 } as Call['audio'] });
  expect(alignmentOf(alone)).toMatchObject({ state: 'alone', clock: { offsetMs: 0 } });
  expect(lengthBesidesSpans(alone)).toBe(41_000);
});
