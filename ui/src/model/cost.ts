import type { CallFlag, CallSummary } from '@/api/types';

/** Flags that say how far a cost can be trusted. They stand with the cost, not among the warnings. */
const kCostFlags: ReadonlySet<string> = new Set(['unpriced_use', 'estimated_cost']);

export interface Cost {
  readonly usd: number | undefined;
  /** Part of the use has no known price, so the cost is at least this. */
  readonly isLowerBound: boolean;
  /** What there is to say about it, empty when it is exact. */
  readonly note: string;
}

export function costOf(call: CallSummary): Cost {
  const notes = call.flags.filter((flag) => kCostFlags.has(flag.code));
  return {
    usd: call.totals.costUsd,
    isLowerBound: notes.some((flag) => flag.code === 'unpriced_use'),
    note: notes.map((flag) => flag.message).join(' '),
  };
}

export const warningsOf = (call: CallSummary): readonly CallFlag[] => call.flags.filter((flag) => !kCostFlags.has(flag.code));
