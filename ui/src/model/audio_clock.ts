import type { Call } from '@/api/types';
import { ms, type Ms } from '@/base/units';

/** Maps seconds of a recording to milliseconds of the call's axis and back. */
export class AudioClock {
  readonly offsetMs: number;
  private readonly rate: number;

  constructor(offsetMs: number, driftPpm = 0) {
    this.offsetMs = offsetMs;
    this.rate = 1 + driftPpm / 1e6;
  }

  toCall(seconds: number): Ms {
    return ms(this.offsetMs + seconds * 1000 * this.rate);
  }

  toAudio(time: number): number {
    return (time - this.offsetMs) / this.rate / 1000;
  }
}

/**
 * How far the recording can be laid against the spans. Where nothing tells, the recording is shown on a time of
 * its own, from the left edge of the axis, and never as if the two belonged together.
 */
export interface Alignment {
  /** `alone`: the call is known by its recording only, whose time is the call's. */
  readonly state: 'known' | 'by_hand' | 'alone' | 'unknown';
  readonly clock: AudioClock;
  readonly uncertaintyMs: number | undefined;
  readonly matches: number | undefined;
  readonly method: string | undefined;
  /** What was added by hand; the clock has it already. */
  readonly nudgeMs: number | undefined;
}

export function alignmentOf(call: Pick<Call, 'clock' | 'spanCount' | 'transcript'>): Alignment {
  const { clock } = call;
  const nudgeMs = clock?.nudgeMs;
  const matches = clock?.matches;
  const byHand = nudgeMs !== undefined;
  if (clock?.state === 'known') {
    return { state: byHand ? 'by_hand' : 'known', clock: new AudioClock(clock.offsetMs, clock.driftPpm), uncertaintyMs: clock.uncertaintyMs, matches, method: clock.method, nudgeMs };
  }
  const alone = (call.spanCount ?? 0) === 0 && call.transcript.length === 0;
  return { state: byHand ? 'by_hand' : alone ? 'alone' : 'unknown', clock: new AudioClock(nudgeMs ?? 0), uncertaintyMs: undefined, matches, method: undefined, nudgeMs };
}

export const isAligned = (alignment: Alignment): boolean => alignment.state !== 'unknown';

/** How long the recording is, by the best evidence there is. */
export function audioLengthS(call: Call): number | undefined {
  const analysed = call.audio?.state === 'done' ? call.audio.durationS : undefined;
  return analysed ?? call.recordings[0]?.durationS;
}

/** How long the axis of a call has to be for all that is known of it besides its spans. */
export function lengthBesidesSpans(call: Call): Ms {
  const said = call.turns.reduce((end, turn) => Math.max(end, turn.end), (call.durationS ?? 0) * 1000);
  const { clock } = alignmentOf(call);
  return ms(Math.max(said, clock.toCall(audioLengthS(call) ?? 0)));
}
