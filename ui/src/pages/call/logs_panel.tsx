import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type JSX } from 'react';
import { logsQuery } from '@/api/queries';
import type { LogLine } from '@/api/types';
import { formatCount, formatOffset } from '@/base/format';
import { msSince, type EpochNs, type Ms } from '@/base/units';
import type { LogsShown } from '@/model/call_view';
import { severityOf } from '@/model/log_severity';
import { Segmented } from '@/widgets/button';
import { Marked } from '@/widgets/marked';
import { Failure, Nothing, Skeleton } from '@/widgets/state';

const kNoLines: readonly LogLine[] = [];
const kInks: Readonly<Record<string, string>> = { ERROR: 'text-bad font-semibold', FATAL: 'text-bad font-semibold', WARN: 'text-warn font-semibold', INFO: 'text-dim' };

interface LogsPanelProps {
  readonly id: number;
  readonly origin: EpochNs;
  readonly shown: LogsShown;
  readonly onShown: (shown: LogsShown) => void;
  readonly words: string;
  /** Which line a search stands at. */
  readonly focused: number | undefined;
  readonly onSpan: (spanId: string) => void;
  readonly onTime: (time: Ms) => void;
}

export function LogsPanel({ id, origin, shown, onShown, words, focused, onSpan, onTime }: LogsPanelProps): JSX.Element {
  const logs = useQuery(logsQuery(id));
  const scroller = useRef<HTMLDivElement>(null);
  const all = logs.data?.items ?? kNoLines;
  const focusedLine = focused === undefined ? undefined : all[focused];
  const lines = useMemo(() => (shown === 'all' ? all : all.filter((line) => severityOf(line) !== 'other' || line === focusedLine)), [all, shown, focusedLine]);
  const at = focusedLine === undefined ? -1 : lines.indexOf(focusedLine);
  const badCount = useMemo(() => all.filter((line) => severityOf(line) !== 'other').length, [all]);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 25, overscan: 20 });
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (at >= 0) scrollToIndex(at, { align: 'center' });
  }, [at, scrollToIndex]);
  if (logs.isPending) return <Skeleton label="logs" />;
  if (logs.isError) return <Failure error={logs.error} what="The logs" onRetry={() => void logs.refetch()} />;
  if (all.length === 0) return <Nothing title="No logs">Log records sent over OTLP with this call’s trace id show up here.</Nothing>;
  return (
    <>
      {(shown === 'bad' || (badCount > 0 && badCount < all.length)) && (
        <div className="flex shrink-0 items-center border-b border-line px-4 py-1">
          <Segmented<LogsShown>
            label="Log lines"
            value={shown}
            options={[
              { value: 'all', label: `All ${formatCount(all.length)}` },
              { value: 'bad', label: `Warnings and errors ${formatCount(badCount)}` },
            ]}
            onChange={onShown}
          />
        </div>
      )}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <ol aria-label="Logs" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index]!;
            const attributes = Object.keys(line.attributes).length === 0 ? '' : JSON.stringify(line.attributes);
            return (
              <li
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={`absolute inset-x-0 top-0 grid grid-cols-[5.5rem_3.5rem_minmax(0,1fr)] gap-x-3 items-baseline border-b border-line/60 px-4 font-mono text-2xs ${item.index === at ? 'bg-mark/40' : ''}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <button type="button" className="num min-h-6 rounded text-right text-faint hover:text-ink hover:underline" onClick={() => onTime(msSince(origin, line.timeNs))}>
                  {formatOffset(msSince(origin, line.timeNs))}
                </button>
                <span className={kInks[line.severity ?? ''] ?? 'text-faint'}>{line.severity}</span>
                <span className="break-words text-ink">
                  <Marked text={line.body} words={words} />{' '}
                  {attributes !== '' && (
                    <span className="text-faint">
                      <Marked text={attributes} words={words} />
                    </span>
                  )}{' '}
                  {line.spanId !== undefined && (
                    <button type="button" className="min-h-6 min-w-6 text-accent hover:underline" onClick={() => onSpan(line.spanId!)}>
                      span
                    </button>
                  )}
                </span>
              </li>
            );
          })}
        </ol>
        {logs.data.next !== undefined && <p className="num px-4 py-2 text-xs text-warn">The first {formatCount(all.length)} lines; there are more on the server.</p>}
      </div>
    </>
  );
}
