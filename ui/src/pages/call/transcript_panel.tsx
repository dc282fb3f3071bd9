import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type JSX } from 'react';
import type { Turn } from '@/api/types';
import type { Ms } from '@/base/units';
import { waitSumMs } from '@/model/turn_latency';
import { rowAt, type TranscriptRow } from '@/model/transcript';
import type { Playhead } from '@/waveform/playhead';
import { Button } from '@/widgets/button';
import { Icon } from '@/widgets/icon';
import { Nothing } from '@/widgets/state';
import { TranscriptLine } from './transcript_line';

interface TranscriptPanelProps {
  readonly rows: readonly TranscriptRow[];
  /** Whether nothing more will be said. */
  readonly over: boolean;
  readonly turns: readonly Turn[];
  readonly selectedTurn: number | undefined;
  /** Which row a search stands at. */
  readonly focused: number | undefined;
  readonly words: string;
  readonly playhead: Playhead;
  /** Whether the playhead may tell which row is heard. */
  readonly aligned: boolean;
  readonly onTurn: (index: number) => void;
  readonly onSpan: (spanId: string) => void;
  readonly onSeek: (time: Ms) => void;
}

/** The conversation, following the sound until the reader scrolls. */
export function TranscriptPanel(props: TranscriptPanelProps): JSX.Element {
  const { rows, turns, playhead, selectedTurn, focused } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 46, overscan: 6, getItemKey: (at) => rows[at]!.key });
  const scaleMs = useMemo(() => barScale(turns), [turns]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [follows, setFollows] = useState(true);
  const current = useCurrentRow(rows, playhead, props.aligned);
  const { scrollToIndex } = virtual;

  useEffect(() => {
    if (follows && current >= 0) scrollToIndex(current, { align: 'auto' });
  }, [current, follows, scrollToIndex]);
  const at = rows.findIndex((row) => row.turn?.index === selectedTurn && selectedTurn !== undefined);
  // The whole of a turn that is selected should be seen, not only the edge of its first row.
  const atEnd = at < 0 ? at : rows.findLastIndex((row) => row.turn?.index === selectedTurn);
  useEffect(() => {
    if (at < 0) return;
    const shown = virtual.range;
    if (shown === null || at < shown.startIndex || atEnd >= shown.endIndex) scrollToIndex(at, { align: at <= 1 ? 'start' : 'center' });
    // What is in sight when something is selected counts, not how it changes by scrolling.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [at, atEnd, scrollToIndex]);
  useEffect(() => {
    if (focused !== undefined) scrollToIndex(focused, { align: 'center' });
  }, [focused, scrollToIndex]);

  if (rows.length === 0) return <Nothing title={props.over ? 'What was said was not captured' : 'Nothing was said yet'}>The conversation is made from a transcript that was sent, or from turn, speech, STT, LLM and TTS spans.</Nothing>;
  const stopFollowing = (): void => setFollows(false);
  const toggle = (key: string): void => setOpen((known) => (known.has(key) ? new Set([...known].filter((other) => other !== key)) : new Set([...known, key])));
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div ref={scroller} className="@container min-h-0 flex-1 overflow-y-auto" tabIndex={-1} onWheel={stopFollowing} onTouchMove={stopFollowing}>
        <ol aria-label="Transcript" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]!;
            return (
              <li
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                {...(item.index === current ? { 'aria-current': 'time' as const } : {})}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <TranscriptLine
                  row={row}
                  firstOfTurn={row.turn !== undefined && rows[item.index - 1]?.turn?.index !== row.turn.index}
                  scaleMs={scaleMs}
                  selected={selectedTurn !== undefined && row.turn?.index === selectedTurn}
                  heard={item.index === current}
                  focused={item.index === focused}
                  words={props.words}
                  open={open.has(row.key)}
                  onToggle={() => toggle(row.key)}
                  onTurn={props.onTurn}
                  onSpan={props.onSpan}
                  onSeek={props.onSeek}
                />
              </li>
            );
          })}
        </ol>
      </div>
      {!follows && (
        <Button
          className="absolute! right-4 bottom-3 shadow-lg"
          onClick={() => {
            setFollows(true);
            if (current >= 0) scrollToIndex(current, { align: 'center' });
          }}
        >
          <Icon name="follow" /> Follow the playhead
        </Button>
      )}
    </div>
  );
}

/** The row under the playhead; renders only when it is another one. */
function useCurrentRow(rows: readonly TranscriptRow[], playhead: Playhead, aligned: boolean): number {
  const [current, setCurrent] = useState(-1);
  useEffect(() => {
    const read = (): void => setCurrent(aligned && playhead.get() > 0 ? rowAt(rows, playhead.get()) : -1);
    const stop = playhead.subscribe(read);
    const first = requestAnimationFrame(read);
    return () => {
      stop();
      cancelAnimationFrame(first);
    };
  }, [rows, playhead, aligned]);
  return current;
}

/** The scale most turns compare on. One that is far slower than the rest fills its bar instead of flattening theirs. */
function barScale(turns: readonly Turn[]): number {
  const sums = turns.map(waitSumMs).filter((sum) => sum > 0).sort((a, b) => a - b);
  const median = sums[Math.floor(sums.length / 2)] ?? 1;
  return Math.max(1, Math.min(sums.at(-1) ?? 1, median * 3));
}
