import { ms, type Interval } from '@/base/units';
import type { CallSpans, SpanIndex } from './call_spans';

/**
 * Returns, for each span, the stretches of it that the end of the call waited for: from the end backwards, the
 * child that finished last, then what ran before that child began, and so on down the tree. Where no child ran,
 * the span itself was the reason.
 */
export function criticalPath(call: CallSpans): ReadonlyMap<SpanIndex, readonly Interval[]> {
  const children = new Map<number, SpanIndex[]>();
  const roots: SpanIndex[] = [];
  for (const index of call.preorder as unknown as readonly SpanIndex[]) {
    const parent = call.parent(index);
    if (parent === undefined) roots.push(index);
    else {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [index]);
      else known.push(index);
    }
  }
  const path = new Map<SpanIndex, Interval[]>();
  const add = (index: SpanIndex, start: number, end: number): void => {
    if (end <= start) return;
    const known = path.get(index);
    if (known === undefined) path.set(index, [{ start: ms(start), end: ms(end) }]);
    else known.push({ start: ms(start), end: ms(end) });
  };
  // A stack in place of recursion: trees can be as deep as they are long.
  const stack: { readonly index: SpanIndex; readonly from: number; readonly to: number }[] = roots.map((index) => ({ index, from: call.start[index]!, to: call.end[index]! }));
  while (stack.length > 0) {
    const { index, from, to } = stack.pop()!;
    let end = to;
    const byEnd = (children.get(index) ?? []).toSorted((a, b) => call.end[b]! - call.end[a]!);
    for (const child of byEnd) {
      const childEnd = call.end[child]!;
      // One that outlives the later child it runs beside was not waited for; one that outlives its parent is cut.
      if (childEnd > end && end !== to) continue;
      const upTo = Math.min(childEnd, end);
      const since = Math.max(call.start[child]!, from);
      if (since >= upTo) continue;
      add(index, upTo, end);
      stack.push({ index: child, from: since, to: upTo });
      end = since;
      if (end <= from) break;
    }
    add(index, from, end);
  }
  return path;
}
