import type { Turn } from '@/api/types';
import type { Interval, Ms } from '@/base/units';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import type { TimelineMode } from '@/model/call_view';
import type { LogSeverity } from '@/model/log_severity';
import type { Sound } from '@/waveform/sound';
import type { HeaderLayout } from './header_layout';
import type { LaneLayout } from './lane_layout';

export interface LogTick {
  readonly at: Ms;
  readonly severity: LogSeverity;
}

/** Everything a frame shows, but for where the viewport stands. */
export interface Scene {
  readonly call: CallSpans;
  readonly turns: readonly Turn[];
  readonly mode: TimelineMode;
  readonly header: HeaderLayout;
  readonly lanes: LaneLayout;
  /** The tree's rows, by index of their span. */
  readonly rows: Int32Array;
  readonly selectedSpan: SpanIndex | undefined;
  readonly selectedTurn: number | undefined;
  /** One for each span when something is searched for: 1 where it matches. */
  readonly matches: Uint8Array | undefined;
  /** When something else than a span matches: words, log lines. */
  readonly hits: readonly Ms[];
  readonly sound: Sound | undefined;
  /** In place of waves: why there are none yet. */
  readonly note: string;
  readonly logs: readonly LogTick[];
  /** What of each span the end of the call waited for, when it is to be shown. */
  readonly critical: ReadonlyMap<SpanIndex, readonly Interval[]> | undefined;
}

/** Where the pointer is, as long as it is over the timeline. */
export interface Hover {
  readonly at: Ms;
  readonly span: SpanIndex | undefined;
}

export const kTreeRowPx = 20;
export const kMinimapPx = 34;
