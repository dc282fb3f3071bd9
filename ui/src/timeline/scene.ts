import type { Turn } from '@/api/types';
import type { Ms } from '@/base/units';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import type { TimelineMode } from '@/model/call_view';
import type { LaneLayout } from './lane_layout';

/** Everything a frame shows, but for where the viewport stands. */
export interface Scene {
  readonly call: CallSpans;
  readonly turns: readonly Turn[];
  readonly mode: TimelineMode;
  readonly lanes: LaneLayout;
  /** The tree's rows, by index of their span. */
  readonly rows: Int32Array;
  readonly selectedSpan: SpanIndex | undefined;
  readonly selectedTurn: number | undefined;
  /** One for each span when something is searched for: 1 where it matches. */
  readonly matches: Uint8Array | undefined;
}

/** Where the pointer is, as long as it is over the timeline. */
export interface Hover {
  readonly at: Ms;
  readonly span: SpanIndex | undefined;
}

export const kTreeRowPx = 20;
export const kRulerPx = 20;
export const kTurnRowPx = 16;
export const kSpeechRowPx = 18;
export const kHeaderPx = kRulerPx + kTurnRowPx + 2 * kSpeechRowPx + 5;
export const kMinimapPx = 30;
