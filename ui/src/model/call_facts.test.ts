import { expect, test } from 'vitest';
import type { Call } from '@/api/types';
import { callFacts, intrusions } from './call_facts';

const stretch = (startS: number, endS: number) => ({ startS, endS });
const call = (channels: number, agentChannel: number | undefined): Call =>
  ({
    recordings: [{ state: 'complete', channels, agentChannel }],
    audio: { state: 'done', health: {}, metrics: {}, durationS: 10, segments: [{ channel: 0, ...stretch(0, 2) }, { channel: 1, ...stretch(5, 9) }, { channel: 0, ...stretch(8, 8.5) }] },
  }) as unknown as Call;

test('shares, the longest silence and who cut in', () =>
  expect(callFacts(call(2, 1))).toEqual({ callerShare: 0.25, agentShare: 0.4, silenceShare: 0.4, longestSilence: stretch(2, 5), agentInterruptions: 0, callerBargeIns: 1 }));

test('where nothing tells the sides apart, only what both share is said', () => {
  expect(callFacts(call(1, undefined))).toEqual({ silenceShare: 0.4, longestSilence: stretch(2, 5) });
  expect(callFacts({ recordings: [], audio: undefined } as unknown as Call)).toBeUndefined();
});

test('a breath over the end of the other is no interruption', () => expect(intrusions([stretch(1.9, 4), stretch(6.5, 7)], [stretch(0, 2), stretch(6, 8)])).toBe(1));
