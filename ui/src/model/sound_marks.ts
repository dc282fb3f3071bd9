import type { AudioEvent } from '@/api/types';
import type { Side } from './sides';

/** What of a recording's events deserves a sign on its wave. Times are seconds of the recording. */
export interface SoundMark {
  readonly kind: 'interruption' | 'dead_air' | 'false_yield' | 'unanswered';
  /** Who interrupts, stopped for nothing, was left without an answer, or owes the turn. */
  readonly side: Side;
  readonly startS: number;
  readonly endS: number;
  readonly isBad: boolean;
}

const kKinds = ['interruption', 'dead_air', 'false_yield', 'unanswered'] as const;

export function soundMarks(events: readonly AudioEvent[]): readonly SoundMark[] {
  return events.flatMap((event) => {
    const kind = kKinds.find((known) => known === event.type);
    // Starts that were too short, or mere backchannels, are no interruptions.
    if (kind === undefined || event.detail['counted'] === false) return [];
    return [{ kind, side: event.detail['speaker'] === 'agent' ? 'agent' : 'caller', startS: event.startS, endS: event.endS ?? event.startS, isBad: event.detail['severity'] === 'fail' || kind === 'unanswered' }];
  });
}
