import type { Call, TranscriptRole, Turn, Utterance } from '@/api/types';
import { present } from '@/base/json';
import type { Ms } from '@/base/units';
import { alignmentOf, isAligned } from './audio_clock';

interface Row {
  readonly role: TranscriptRole;
  readonly start?: Ms;
  readonly end?: Ms;
}

/** Gives rows the times at which their words are heard in the recording; spans and transcripts only come near them. */
export function heardTimes<T extends Row>(call: Call, rows: readonly T[]): readonly T[] {
  const alignment = alignmentOf(call);
  if (call.audio?.state !== 'done' || !isAligned(alignment)) return rows;
  const heard = new Map<number, { start: Ms; end: Ms }>();
  for (const turn of call.audio.turns) {
    const [start, end] = [alignment.clock.toCall(turn.startS), alignment.clock.toCall(turn.endS)];
    const at = nearest(rows, turn.speaker, start, end);
    if (at === undefined) continue;
    const known = heard.get(at);
    heard.set(at, known === undefined ? { start, end } : { start: Math.min(known.start, start) as Ms, end: Math.max(known.end, end) as Ms });
  }
  return rows.map((row, at) => ({ ...row, ...heard.get(at) }));
}

/** The row of a speaker that shares most time with a stretch; none where none shares any. */
function nearest(rows: readonly Row[], speaker: TranscriptRole, start: number, end: number): number | undefined {
  let found: number | undefined;
  let most = 0;
  rows.forEach((row, at) => {
    if (row.role !== speaker || row.start === undefined || row.end === undefined) return;
    const shared = Math.min(row.end, end) - Math.max(row.start, start);
    if (shared > most) [found, most] = [at, shared];
  });
  return found;
}

/** The turns with both sides at the times at which they are heard. */
export function heardTurns(call: Call): readonly Turn[] {
  const sides = call.turns.flatMap((turn) => [
    ...(turn.user === undefined ? [] : [{ ...turn.user, role: 'caller' as const, turn }]),
    ...(turn.agent === undefined ? [] : [{ ...turn.agent, role: 'agent' as const, turn }]),
  ]);
  const heard = heardTimes(call, sides);
  if (heard === sides) return call.turns;
  const of = (role: TranscriptRole): ReadonlyMap<Turn, Utterance> => new Map(heard.flatMap((side) => (side.role === role ? [[side.turn, side] as const] : [])));
  const [callers, agents] = [of('caller'), of('agent')];
  return call.turns.map((turn) => present({ ...turn, user: callers.get(turn), agent: agents.get(turn) }));
}

/** When the first words of a turn are heard: where to listen to it from. */
export const wordsStart = (turn: Turn): Ms => turn.user?.start ?? turn.agent?.start ?? turn.start;
