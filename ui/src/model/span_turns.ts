import type { Span, Turn } from '@/api/types';
import { present } from '@/base/json';

/** The spans with the number of the turn that they belong to; a framework's own count may be another. */
export function withTurns(spans: readonly Span[], turns: readonly Turn[]): readonly Span[] {
  const turnOf = new Map(turns.flatMap((turn) => turn.spanIds.map((id) => [id, turn.index] as const)));
  return spans.map((span) => {
    const turnIndex = turnOf.get(span.spanId) ?? (turns.length === 0 ? span.turnIndex : undefined);
    if (turnIndex === span.turnIndex) return span;
    return turnIndex === undefined ? present({ ...span, turnIndex }) : { ...span, turnIndex };
  });
}
