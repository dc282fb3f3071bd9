import type { CallSpans, SpanIndex } from './call_spans';
import { kKindStyles, kLaneIds, type LaneId } from './span_kind';

/** Spans that follow each other without overlap, by index in CallSpans, in order of time. */
export type LaneRow = Int32Array;

export interface Lane {
  readonly id: LaneId;
  readonly rows: readonly LaneRow[];
  readonly spanCount: number;
}

/** Returns the lanes that have spans, each span in the first row of its lane that is free when it starts. */
export function layOutLanes(call: CallSpans): readonly Lane[] {
  const open = new Map<LaneId, { readonly rows: number[][]; readonly freeAt: number[]; spanCount: number }>();
  call.spans.forEach((span, index) => {
    const id = kKindStyles[span.kind].lane;
    // A job or session that holds the call is a container too.
    if (id === undefined || (span.kind === 'lifecycle' && call.hasChildren(index as SpanIndex))) return;
    let lane = open.get(id);
    if (lane === undefined) {
      lane = { rows: [], freeAt: [], spanCount: 0 };
      open.set(id, lane);
    }
    const start = call.start[index]!;
    let row = lane.freeAt.findIndex((time) => time <= start);
    if (row === -1) {
      row = lane.rows.length;
      lane.rows.push([]);
      lane.freeAt.push(0);
    }
    lane.rows[row]!.push(index);
    lane.freeAt[row] = call.end[index]!;
    lane.spanCount++;
  });
  return kLaneIds.flatMap((id) => {
    const lane = open.get(id);
    return lane === undefined ? [] : [{ id, rows: lane.rows.map((row) => Int32Array.from(row)), spanCount: lane.spanCount }];
  });
}
