import { expect, test } from 'vitest';
import type { AudioTurn, Call, Clock } from '@/api/types';
import { ms } from '@/base/units';
import { heardTimes } from './heard_times';

const row = (role: 'caller' | 'agent', start: number, end: number) => ({ role, start: ms(start), end: ms(end) });
const turn = (speaker: 'caller' | 'agent', startS: number, endS: number): AudioTurn => ({ index: 0, speaker, startS, endS });
const call = (turns: readonly AudioTurn[], clock: Clock): Call => ({ audio: { state: 'done', turns }, clock, transcript: [], spanCount: 3 }) as unknown as Call;
const known: Clock = { state: 'known', offsetMs: 100, driftPpm: 0 };

const heard = (turns: readonly AudioTurn[], clock: Clock) => heardTimes(call(turns, clock), [row('caller', 0, 1000), row('agent', 1500, 2000), row('agent', 5000, 6000)]).map(({ start, end }) => [start, end]);

test('rows take the times of the recording, those that it does not have keep their own', () =>
  expect(heard([turn('caller', 0.1, 1.2), turn('agent', 1.5, 3.9)], known)).toEqual([[200, 1300], [1600, 4000], [5000, 6000]]));

test('what is heard in two pieces is one row', () => expect(heard([turn('agent', 4.8, 5.2), turn('agent', 5.5, 6.5)], known)[2]).toEqual([4900, 6600]));

test('a recording whose clock is unknown says nothing', () => expect(heard([turn('caller', 0.1, 1.2)], { state: 'unknown' })[0]).toEqual([0, 1000]));
