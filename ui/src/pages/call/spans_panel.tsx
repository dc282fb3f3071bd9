import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type JSX } from 'react';
import { formatDuration, formatOffset } from '@/base/format';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import { KindBadge } from '@/widgets/badge';
import { Nothing } from '@/widgets/state';

const kRowPx = 24;
const kGrid = 'grid grid-cols-[5.5rem_5rem_6rem_minmax(8rem,1.2fr)_minmax(6rem,1fr)_4rem] items-center gap-x-3 px-4';

interface SpansPanelProps {
  readonly call: CallSpans;
  readonly matches: Uint8Array | undefined;
  readonly selected: SpanIndex | undefined;
  readonly onSpan: (spanId: string) => void;
}

/** The timeline as text: all spans, or those that match the search, in order of time. */
export function SpansPanel({ call, matches, selected, onSpan }: SpansPanelProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => call.spans.flatMap((_, index) => (call.placement(index as SpanIndex) !== 'synthetic' && (matches === undefined || matches[index] === 1) ? [index as SpanIndex] : [])), [call, matches]);
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => kRowPx, overscan: 12 });
  const at = selected === undefined ? -1 : shown.indexOf(selected);
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (at >= 0) scrollToIndex(at, { align: 'auto' });
  }, [at, scrollToIndex]);
  if (shown.length === 0) return <Nothing title={matches === undefined ? 'No spans yet' : 'No span matches'} />;
  return (
    <div role="table" aria-label="Spans" aria-rowcount={shown.length + 1} className="num flex min-h-0 flex-1 flex-col text-xs">
      <div role="row" className={`${kGrid} h-7 shrink-0 border-b border-line font-medium text-dim`}>
        <span role="columnheader" className="text-right">At</span>
        <span role="columnheader" className="text-right">Duration</span>
        <span role="columnheader">Kind</span>
        <span role="columnheader">Name</span>
        <span role="columnheader">Model or tool</span>
        <span role="columnheader" className="text-right">Turn</span>
      </div>
      <div ref={scroller} role="rowgroup" className="min-h-0 flex-1 overflow-y-auto">
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const index = shown[item.index]!;
            const span = call.span(index);
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={index === selected}
                onClick={() => onSpan(span.spanId)}
                className={`${kGrid} absolute inset-x-0 cursor-pointer border-b border-line/60 ${index === selected ? 'bg-accent/12' : 'hover:bg-accent/6'}`}
                style={{ height: kRowPx, transform: `translateY(${item.start}px)` }}
              >
                <span role="cell" className="text-right font-mono text-2xs text-dim">{formatOffset(call.start[index]!)}</span>
                <span role="cell" className="text-right">{formatDuration(call.durationMs(index))}</span>
                <span role="cell"><KindBadge kind={span.kind} /></span>
                <span role="cell" className={`truncate ${span.isError ? 'font-medium text-bad' : ''}`}>
                  <button type="button" className="max-w-full truncate" onClick={() => onSpan(span.spanId)}>{span.name}</button>
                </span>
                <span role="cell" className="truncate text-dim">{span.toolName ?? span.model ?? ''}</span>
                <span role="cell" className="text-right text-dim">{span.turnIndex ?? ''}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
