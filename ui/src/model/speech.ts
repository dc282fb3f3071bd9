// Arithmetic on who speaks when. Times are seconds of the recording; lists are sorted by start.
import type { AudioSegment } from '@/api/types';

export interface Stretch {
  readonly startS: number;
  readonly endS: number;
}

/** Joins stretches that touch or overlap. */
export function union(stretches: readonly Stretch[]): readonly Stretch[] {
  const sorted = [...stretches].sort((a, b) => a.startS - b.startS);
  const joined: { startS: number; endS: number }[] = [];
  for (const { startS, endS } of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && startS <= last.endS) last.endS = Math.max(last.endS, endS);
    else joined.push({ startS, endS });
  }
  return joined;
}

/** Returns where both lists have something at the same time. */
export function overlap(a: readonly Stretch[], b: readonly Stretch[]): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const startS = Math.max(a[i]!.startS, b[j]!.startS);
    const endS = Math.min(a[i]!.endS, b[j]!.endS);
    if (endS > startS) found.push({ startS, endS });
    if (a[i]!.endS < b[j]!.endS) i++;
    else j++;
  }
  return found;
}

/** Speech as the page needs it: by channel, of anyone, and of both at once. */
export class Speech {
  readonly channels: readonly (readonly Stretch[])[];
  readonly anyone: readonly Stretch[];
  readonly overlaps: readonly Stretch[];

  constructor(segments: readonly AudioSegment[]) {
    const count = segments.reduce((most, segment) => Math.max(most, segment.channel + 1), 0);
    this.channels = Array.from({ length: count }, (_, channel) => union(segments.filter((segment) => segment.channel === channel)));
    this.anyone = union(segments);
    this.overlaps = this.channels.length < 2 ? [] : overlap(this.channels[0]!, this.channels[1]!);
  }

  /** Returns where silence that `at` lies in gives way to speech, if it has `leastS` still to go. */
  endOfSilence(at: number, leastS: number): number | undefined {
    const next = this.anyone[firstEndingAfter(this.anyone, at)];
    return next === undefined || next.startS - at < leastS ? undefined : next.startS;
  }
}

/** Returns the index of the first stretch that ends after `at`; the length of the list when none does. */
export function firstEndingAfter(stretches: readonly Stretch[], at: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle]!.endS > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
