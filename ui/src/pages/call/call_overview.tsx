import { useMemo, type JSX } from 'react';
import type { Call } from '@/api/types';
import { formatLatency } from '@/base/format';
import { latencyOf, summariseStages } from '@/model/turn_latency';
import { Latency, StageBar, stageBackground } from '@/widgets/latency';
import { NotCaptured } from '@/widgets/state';

const kSlowestShown = 8;

/** What stands in the inspector while nothing is selected: where the time of all turns went. */
export function CallOverview({ call, onTurn }: { readonly call: Call; readonly onTurn: (index: number) => void }): JSX.Element {
  const stages = useMemo(() => summariseStages(call.turns), [call.turns]);
  const slowest = useMemo(() => [...call.turns].filter((turn) => latencyOf(turn) !== undefined).sort((a, b) => (latencyOf(b) ?? 0) - (latencyOf(a) ?? 0)).slice(0, kSlowestShown), [call.turns]);
  // One stage that once took very long must not flatten the rest: its line then ends at the edge.
  const largest = Math.max(1, Math.min(Math.max(...stages.map((stage) => stage.maxMs)), 4 * Math.max(...stages.map((stage) => stage.p50Ms))));
  const answered = call.turns.filter((turn) => turn.user !== undefined).length;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <section className="border-b border-line px-4 py-3">
        <h2 className="text-sm font-semibold text-ink">Where responses waited</h2>
        <p className="mb-2 text-xs text-dim">Median (bar) and slowest (line) of each stage over {answered} answered turns.</p>
        <div role="table" aria-label="Stages of all turns" className="num flex flex-col gap-1 text-xs">
          {stages.map((stage) => {
            const look = stageBackground(stage.color);
            return (
              <div key={stage.id} role="row" className="grid grid-cols-[7.5rem_minmax(0,1fr)_4.5rem_4.5rem_3rem] items-center gap-2">
                <span role="rowheader" className="truncate text-dim">{stage.label}</span>
                <div role="cell" className="relative h-3 overflow-hidden rounded-[2px] bg-line/40">
                  {stage.n > 0 && (
                    <>
                      <div className={`absolute inset-y-0 left-0 rounded-[2px] ${look.className}`} style={{ ...look.style, width: `max(2px, ${(stage.p50Ms / largest) * 100}%)` }} />
                      <div className="absolute top-1/2 h-px bg-dim" style={{ left: `${(stage.p50Ms / largest) * 100}%`, width: `${((Math.min(stage.maxMs, largest) - stage.p50Ms) / largest) * 100}%` }} />
                      {stage.maxMs <= largest && <div className="absolute inset-y-0.5 w-px bg-dim" style={{ left: `calc(${(stage.maxMs / largest) * 100}% - 1px)` }} />}
                    </>
                  )}
                </div>
                {stage.n === 0 ? (
                  <span role="cell" className="col-span-3 text-right"><NotCaptured /></span>
                ) : (
                  <>
                    <span role="cell" className="text-right font-medium">{formatLatency(stage.p50Ms)}</span>
                    <span role="cell" className="text-right text-dim">{formatLatency(stage.maxMs)}</span>
                    <span role="cell" className="text-right text-2xs text-faint">n {stage.n}</span>
                  </>
                )}
              </div>
            );
          })}
        </div>
      </section>
      {slowest.length > 0 && (
        <section className="px-4 py-3">
          <h3 className="mb-1.5 text-xs font-semibold text-dim">Slowest turns</h3>
          <ul className="num -mx-1.5 text-xs">
            {slowest.map((turn) => (
              <li key={turn.index}>
                <button type="button" onClick={() => onTurn(turn.index)} className="grid w-full grid-cols-[2rem_minmax(0,1fr)_5.5rem] items-center gap-2 rounded px-1.5 py-1 text-left hover:bg-accent/8">
                  <span className="text-right font-mono text-2xs text-faint">{turn.index}</span>
                  <StageBar stages={turn.stages} scaleMs={Math.max(1, latencyOf(slowest[0]!) ?? 0)} />
                  <span className="text-right"><Latency value={latencyOf(turn)} /></span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
