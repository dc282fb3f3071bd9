// What a recording says about a call as a whole.
import type { Call } from '@/api/types';
import { isObject, type JsonObject } from '@/base/json';
import { soundSides, type Side } from './sides';
import { Speech, union, type Stretch } from './speech';

/** Shorter overlaps are within what can be measured, or a breath. */
const kOverlapLeastS = 0.2;

export interface CallFacts {
  /** Shares of the recording during which each side spoke. */
  readonly callerShare?: number;
  readonly agentShare?: number;
  readonly silenceShare: number;
  readonly longestSilence: Stretch | undefined;
  /** How often each began while the other spoke. */
  readonly agentInterruptions?: number;
  readonly callerBargeIns?: number;
}

export function callFacts(call: Call): CallFacts | undefined {
  const { audio } = call;
  if (audio?.state !== 'done') return undefined;
  const speech = new Speech(audio.segments);
  const length = audio.durationS ?? speech.anyone.at(-1)?.endS ?? 0;
  if (length <= 0) return undefined;
  const sides = soundSides(call);
  const sum = (stretches: readonly Stretch[]): number => stretches.reduce((total, { startS, endS }) => total + endS - startS, 0);
  const common = { silenceShare: Math.max(0, 1 - sum(speech.anyone) / length), longestSilence: longestGap(speech.anyone) };
  if (sides === undefined) return common;
  const of = (side: Side): readonly Stretch[] => speech.channels[sides[side]] ?? [];
  // The analysis knows backchannels from interruptions; without its word every longer overlap counts.
  const measured = (...path: readonly string[]): number | undefined => numberAt(audio.metrics, path);
  return {
    ...common,
    callerShare: measured('caller', 'share') ?? sum(of('caller')) / length,
    agentShare: measured('agent', 'share') ?? sum(of('agent')) / length,
    agentInterruptions: measured('interruptions', 'by_agent', 'counted') ?? intrusions(of('agent'), of('caller')),
    callerBargeIns: measured('interruptions', 'by_caller', 'counted') ?? intrusions(of('caller'), of('agent')),
  };
}

/** Returns the number at the end of a path of keys, if there is one. */
export function numberAt(value: JsonObject, path: readonly string[]): number | undefined {
  let at: unknown = value;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  return typeof at === 'number' ? at : undefined;
}

/** Returns how many of `mine` begin while the other speaks and go on beside it for long enough to matter. */
export function intrusions(mine: readonly Stretch[], others: readonly Stretch[]): number {
  return union(mine).filter((own) => others.some((other) => own.startS > other.startS && own.startS < other.endS && Math.min(own.endS, other.endS) - own.startS >= kOverlapLeastS)).length;
}

function longestGap(stretches: readonly Stretch[]): Stretch | undefined {
  let longest: Stretch | undefined;
  for (let at = 1; at < stretches.length; at++) {
    const gap = { startS: stretches[at - 1]!.endS, endS: stretches[at]!.startS };
    if (longest === undefined || gap.endS - gap.startS > longest.endS - longest.startS) longest = gap;
  }
  return longest;
}
