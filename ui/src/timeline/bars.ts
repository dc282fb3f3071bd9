import type { CallSpans } from '@/model/call_spans';
import type { TimeScale } from '@/model/time_scale';

/** Narrower bars than this are drawn this wide, so that no span vanishes. */
export const kBarPxMin = 2;

/**
 * Visits the bars of a row that can be seen, in order of time. Bars that would fall on pixels already
 * covered by their neighbours are left out, which bounds the work of a frame by the width of the screen.
 */
export function visitBars(row: Int32Array, call: CallSpans, scale: TimeScale, visit: (index: number, x: number, width: number) => void): void {
  const { start, end } = call;
  let covered = Number.NEGATIVE_INFINITY;
  for (const index of row) {
    const from = start[index]!;
    if (from > scale.view.end) break;
    const to = end[index]!;
    if (to < scale.view.start) continue;
    const x = Math.max(-1, scale.toPx(from));
    const right = Math.min(scale.width + 1, Math.max(scale.toPx(to), x + kBarPxMin));
    if (right <= covered + 0.5) continue;
    visit(index, x, right - x);
    if (right > covered) covered = right;
  }
}

/** Returns the shortest span of the row under `x`, with some pixels of grace. */
export function barAt(row: Int32Array, call: CallSpans, scale: TimeScale, x: number, grace = 3): number | undefined {
  const from = scale.toMs(x - grace);
  const to = scale.toMs(x + grace);
  const at = scale.toMs(x);
  let best: number | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const index of row) {
    const start = call.start[index]!;
    if (start > to) break;
    const end = call.end[index]!;
    if (end < from) continue;
    const outside = at < start ? start - at : at > end ? at - end : 0;
    // A bar under the pointer wins over one beside it; of two, the shorter one is harder to hit.
    const cost = outside * 1e6 + (end - start);
    if (cost < bestCost) {
      best = index;
      bestCost = cost;
    }
  }
  return best;
}
