import type { Span, ToolUse } from '@/api/types';
import { present } from '@/base/json';
import { epochNs, ms, msSince, type EpochNs, type Interval, type Ms } from '@/base/units';

/** Where a span stands in `CallSpans.spans`. */
export type SpanIndex = number & { readonly __span: true };
const kNoParent = -1;

/** How far outside the call a span may lie before its clock is taken to be wrong. */
const kClockSlackMs = 3_600_000;

/** Where a span stands in the tree. A synthetic one stands for a tool that has no span, and is not in the tree. */
export type Placement = 'root' | 'child' | 'orphan' | 'cycle' | 'synthetic';

const kSyntheticPrefix = 'tool-';

export interface Axis {
  readonly bounds: Interval;
  /** Spans that lie outside as their clock is hours off. */
  readonly outsideCount: number;
}

/**
 * The spans of one call as columns on the call's own axis, with their tree.
 *
 * Spans are sorted by start, longer first, so an index grows with time. A span whose parent never came is
 * an orphan and stands as a root; of a parent cycle the earliest span stands as a root. Tools that were
 * rebuilt from messages stand among the spans, so that the lanes show them. Immutable: a live call makes a
 * new one from the merged spans.
 */
export class CallSpans {
  readonly spans: readonly Span[];
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly depth: Uint16Array;
  /** Depth-first order of the tree, and at the same place how many spans the subtree has, itself included. */
  readonly preorder: Int32Array;
  readonly subtreeSize: Int32Array;
  private readonly parents: Int32Array;
  private readonly placements: readonly Placement[];
  private readonly bySpanId: ReadonlyMap<string, SpanIndex>;

  constructor(spans: readonly Span[], origin: EpochNs, tools: readonly ToolUse[] = []) {
    const timed = [...spans, ...syntheticSpans(tools, origin)].map((span): TimedSpan => {
      const start = msSince(origin, span.startNs);
      return { span, start, end: Math.max(start, msSince(origin, span.endNs)) };
    });
    timed.sort(byTime);
    this.spans = timed.map(({ span }) => span);
    this.start = Float64Array.from(timed, ({ start }) => start);
    this.end = Float64Array.from(timed, ({ end }) => end);
    this.bySpanId = new Map(this.spans.map((span, index) => [span.spanId, index as SpanIndex]));

    const tree = buildTree(this.spans, this.bySpanId);
    this.parents = tree.parents;
    this.placements = tree.placements;
    this.depth = tree.depth;
    this.preorder = tree.preorder;
    this.subtreeSize = tree.subtreeSize;
  }

  /** Returns what the axis of a call that is `length` long covers: the call and all spans whose clock can be believed. */
  axis(length: Ms): Axis {
    let first = 0;
    let last: number = length;
    let outsideCount = 0;
    for (let index = 0; index < this.spans.length; index++) {
      const start = this.start[index]!;
      const end = this.end[index]!;
      if (start < -kClockSlackMs || end > length + kClockSlackMs) {
        outsideCount++;
        continue;
      }
      if (start < first) first = start;
      if (end > last) last = end;
    }
    return { bounds: { start: ms(first), end: ms(Math.max(last, first + 1)) }, outsideCount };
  }

  /** How many spans there are without the synthetic ones. */
  get realCount(): number {
    return this.preorder.length;
  }

  /** Returns which of the call's tools a synthetic span stands for. */
  toolOf(index: SpanIndex): number {
    return Number(this.span(index).spanId.slice(kSyntheticPrefix.length));
  }

  find(spanId: string): SpanIndex | undefined {
    return this.bySpanId.get(spanId);
  }

  span(index: SpanIndex): Span {
    return this.spans[index]!;
  }

  interval(index: SpanIndex): Interval {
    return { start: ms(this.start[index]!), end: ms(this.end[index]!) };
  }

  durationMs(index: SpanIndex): Ms {
    return ms(this.end[index]! - this.start[index]!);
  }

  parent(index: SpanIndex): SpanIndex | undefined {
    const parent = this.parents[index]!;
    return parent === kNoParent ? undefined : (parent as SpanIndex);
  }

  placement(index: SpanIndex): Placement {
    return this.placements[index]!;
  }

  hasChildren(index: SpanIndex): boolean {
    return this.subtreeSize[index]! > 1;
  }

  /** Returns the tree's rows from top to bottom, without what is inside a collapsed span. */
  rows(collapsed: ReadonlySet<string>): Int32Array {
    if (collapsed.size === 0) return this.preorder;
    const rows = new Int32Array(this.preorder.length);
    let count = 0;
    for (let at = 0; at < this.preorder.length; ) {
      const index = this.preorder[at]!;
      rows[count++] = index;
      at += collapsed.has(this.spans[index]!.spanId) ? this.subtreeSize[index]! : 1;
    }
    return rows.subarray(0, count);
  }

  /** Returns the spans above `index`, nearest first. */
  ancestors(index: SpanIndex): readonly SpanIndex[] {
    const found: SpanIndex[] = [];
    for (let at = this.parent(index); at !== undefined; at = this.parent(at)) found.push(at);
    return found;
  }
}

/** Adds spans to those already known; a span that is known is replaced by its later content. */
export function mergeSpans(known: readonly Span[], news: readonly Span[]): readonly Span[] {
  const merged = new Map(known.map((span) => [keyOf(span), span]));
  const changed = news.filter((span) => !isSame(merged.get(keyOf(span)), span));
  if (changed.length === 0) return known;
  for (const span of changed) merged.set(keyOf(span), span);
  return [...merged.values()];
}

/** Whether two versions show the same; what else there is to a span is fetched when it is selected. */
function isSame(a: Span | undefined, b: Span): boolean {
  return a !== undefined && a.startNs === b.startNs && a.endNs === b.endNs && a.name === b.name && a.parentSpanId === b.parentSpanId && a.kind === b.kind && a.isError === b.isError && a.latencyMs === b.latencyMs && a.model === b.model && a.turnIndex === b.turnIndex;
}

const isSynthetic = (span: Span): boolean => span.traceId === '' && span.spanId.startsWith(kSyntheticPrefix);

const keyOf = (span: Span): string => `${span.traceId}/${span.spanId}`;

interface TimedSpan {
  readonly span: Span;
  readonly start: number;
  readonly end: number;
}

function byTime(a: TimedSpan, b: TimedSpan): number {
  return a.start - b.start || b.end - a.end || (a.span.spanId < b.span.spanId ? -1 : 1);
}

function syntheticSpans(tools: readonly ToolUse[], origin: EpochNs): readonly Span[] {
  return tools.flatMap((tool, at): readonly Span[] => {
    if (!tool.synthetic || tool.start === undefined || tool.durationMs === undefined) return [];
    const startNs = epochNs(origin + BigInt(Math.round(tool.start * 1e6)));
    return [
      present({
        traceId: '', spanId: `${kSyntheticPrefix}${at}`, name: tool.name, otelKind: 'INTERNAL', startNs,
        endNs: epochNs(startNs + BigInt(Math.round(tool.durationMs * 1e6))),
        status: tool.isError ? 'ERROR' : 'UNSET', statusMessage: tool.error, flags: [], kind: 'tool', toolName: tool.name,
        turnIndex: tool.turnIndex, billable: false, isError: tool.isError, isDurationValid: true, isProvisional: false,
      } as const),
    ];
  });
}

interface Tree {
  readonly parents: Int32Array;
  readonly placements: readonly Placement[];
  readonly depth: Uint16Array;
  readonly preorder: Int32Array;
  readonly subtreeSize: Int32Array;
}

function buildTree(spans: readonly Span[], bySpanId: ReadonlyMap<string, SpanIndex>): Tree {
  const count = spans.length;
  const parents = new Int32Array(count).fill(kNoParent);
  const placements = spans.map((span): Placement => (isSynthetic(span) ? 'synthetic' : 'root'));
  // Children of a span as a linked list in order of time: first child, then next sibling.
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);

  spans.forEach((span, index) => {
    if (span.parentSpanId === undefined) return;
    const parent = bySpanId.get(span.parentSpanId);
    if (parent === undefined) placements[index] = 'orphan';
    else {
      parents[index] = parent;
      placements[index] = 'child';
    }
  });
  breakCycles(parents, placements);
  for (let index = count - 1; index >= 0; index--) {
    const parent = parents[index]!;
    if (parent === kNoParent) continue;
    nextSibling[index] = firstChild[parent]!;
    firstChild[parent] = index;
  }

  const preorder = new Int32Array(placements.reduce((sum, placement) => sum + (placement === 'synthetic' ? 0 : 1), 0));
  const depth = new Uint16Array(count);
  const subtreeSize = new Int32Array(count).fill(1);
  let filled = 0;
  const stack: number[] = [];
  for (let root = 0; root < count; root++) {
    if (parents[root] !== kNoParent || placements[root] === 'synthetic') continue;
    stack.push(root);
    while (stack.length > 0) {
      const index = stack.pop()!;
      preorder[filled++] = index;
      const sibling = nextSibling[index]!;
      if (parents[index] !== kNoParent && sibling !== -1) stack.push(sibling);
      const child = firstChild[index]!;
      if (child !== -1) stack.push(child);
      const parent = parents[index]!;
      if (parent !== kNoParent) depth[index] = depth[parent]! + 1;
    }
  }
  for (let at = preorder.length - 1; at >= 0; at--) {
    const index = preorder[at]!;
    const parent = parents[index]!;
    if (parent !== kNoParent) subtreeSize[parent] = subtreeSize[parent]! + subtreeSize[index]!;
  }
  return { parents, placements, depth, preorder, subtreeSize };
}

/** Makes the earliest span of each parent cycle a root. */
function breakCycles(parents: Int32Array, placements: Placement[]): void {
  const seenIn = new Int32Array(parents.length).fill(-1);
  for (let start = 0; start < parents.length; start++) {
    let index = start;
    while (index !== kNoParent && seenIn[index] === -1) {
      seenIn[index] = start;
      index = parents[index]!;
    }
    if (index === kNoParent || seenIn[index] !== start) continue;
    let earliest = index;
    for (let at = parents[index]!; at !== index; at = parents[at]!) earliest = Math.min(earliest, at);
    parents[earliest] = kNoParent;
    placements[earliest] = 'cycle';
  }
}
