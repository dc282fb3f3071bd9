import type { JSX } from 'react';
import type { Turn } from '@/api/types';
import { formatLatency } from '@/base/format';
import type { CallSpans } from '@/model/call_spans';
import { kPartStyles, kStages, latencyOf, stageShares, waitSumMs } from '@/model/turn_latency';
import { stageBackground } from '@/widgets/latency';
import { NotCaptured } from '@/widgets/state';

interface Bar {
  readonly label: string;
  readonly color: string;
  /** Absent where nothing says what it took. */
  readonly ms: number | undefined;
  readonly startMs: number;
  readonly spanIds: readonly string[];
}

/** The silence before an answer, piece after piece, each naming the spans it came from. */
export function WaitWaterfall({ turn, call, onSpan }: { readonly turn: Turn; readonly call: CallSpans; readonly onSpan: (spanId: string) => void }): JSX.Element | null {
  const bars = turn.parts.length > 0 ? partBars(turn) : stageBars(turn);
  if (turn.user === undefined && bars.every((bar) => bar.ms === undefined)) return <p className="mt-1 text-xs text-faint">Nobody waited for this: it is the greeting.</p>;
  if (bars.every((bar) => bar.ms === undefined)) return <NoStages />;
  const sum = waitSumMs(turn);
  const total = Math.max(1, sum, latencyOf(turn) ?? 0);
  return (
    <div className="mt-2.5">
      <div role="table" aria-label="Latency by stage" className="num flex flex-col text-xs">
        {bars.map((bar) => {
          const look = stageBackground(bar.color);
          const unexplained = bar.color === 'unattributed';
          return (
            <div key={bar.label} role="row" className="grid grid-cols-[7.5rem_minmax(0,1fr)_5rem] items-start gap-x-2 py-0.5">
              <span role="rowheader" className={`truncate leading-4 ${unexplained ? 'font-medium text-ink' : 'text-dim'}`}>{bar.label}</span>
              <div role="cell" className="min-w-0">
                <div className="relative mt-0.5 h-3 rounded-[2px] bg-line/40">
                  {bar.ms !== undefined && bar.ms > 0 && (
                    <div className={`absolute inset-y-0 rounded-[2px] ${look.className}`} style={{ ...look.style, left: `${(bar.startMs / total) * 100}%`, width: `max(2px, ${(bar.ms / total) * 100}%)` }} />
                  )}
                </div>
                <Sources bar={bar} call={call} onSpan={onSpan} />
              </div>
              <span role="cell" className="text-right leading-4">
                {bar.ms === undefined ? <NotCaptured /> : <span className={bar.ms > total * 0.4 ? 'font-semibold' : ''}>{formatLatency(bar.ms)}</span>}
              </span>
            </div>
          );
        })}
      </div>
      <p className="num mt-1 flex justify-between border-t border-line pt-1 text-xs text-dim">
        <span>{turn.parts.length > 0 ? 'Sum, which is what the caller heard' : 'Sum of what was captured'}</span>
        <span className="font-medium text-ink">{sum === 0 ? <NotCaptured /> : formatLatency(sum)}</span>
      </p>
    </div>
  );
}

/** What to send, so that the next call can say it. */
export const NoStages = (): JSX.Element => <p className="mt-1.5 max-w-prose text-xs text-pretty text-faint">Nothing says what it went to: no stage of an answer was captured. Spans of the agent, or a recording of both sides, would tell.</p>;

function Sources({ bar, call, onSpan }: { readonly bar: Bar; readonly call: CallSpans; readonly onSpan: (spanId: string) => void }): JSX.Element | null {
  if (bar.color === 'unattributed' && bar.ms !== undefined && bar.ms > 0) return <span className="text-2xs text-faint">no span covers it</span>;
  const named = bar.spanIds.flatMap((id) => {
    const index = call.find(id);
    return index === undefined ? [] : [call.span(index)];
  });
  if (named.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-x-2">
      {named.slice(0, 4).map((span) => (
        <button key={span.spanId} type="button" className="min-h-6 min-w-6 max-w-full truncate rounded text-left text-2xs text-accent hover:underline" onClick={() => onSpan(span.spanId)}>
          {span.toolName ?? span.name}
        </button>
      ))}
      {named.length > 4 && <span className="text-2xs text-faint">and {named.length - 4} more</span>}
    </div>
  );
}

function partBars(turn: Turn): readonly Bar[] {
  let startMs = 0;
  return turn.parts.map((part) => {
    const bar = { label: kPartStyles[part.stage].label, color: kPartStyles[part.stage].color, ms: part.ms, startMs, spanIds: part.spanIds };
    startMs += part.ms ?? 0;
    return bar;
  });
}

function stageBars(turn: Turn): readonly Bar[] {
  const shares = stageShares(turn.stages);
  return kStages.map((stage) => ({ label: stage.label, color: stage.color, ms: turn.stages[stage.id], startMs: shares.find((share) => share.id === stage.id)?.startMs ?? 0, spanIds: [] }));
}
