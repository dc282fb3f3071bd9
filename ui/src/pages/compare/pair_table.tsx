import { Link } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import type { Call, Turn } from '@/api/types';
import { formatLatency } from '@/base/format';
import { stageDeltas, type Divergence, type TurnPair } from '@/model/compare';
import { latencyFrom, waitSumMs, type LatencySource } from '@/model/turn_latency';
import { Badge } from '@/widgets/badge';
import { Latency, stageBackground, WaitBar } from '@/widgets/latency';
import { Delta } from './delta';

interface PairTableProps {
  readonly a: Call;
  readonly b: Call;
  readonly pairs: readonly TurnPair[];
  readonly divergences: readonly (Divergence | undefined)[];
  /** Where they part ways for the first time; −1 when they never do. */
  readonly parted: number;
  readonly source: LatencySource | undefined;
}

const kGrid = 'grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_15rem] gap-x-4 px-4';

export function PairTable(props: PairTableProps): JSX.Element {
  const scaleMs = Math.max(1, ...props.pairs.flatMap((pair) => [pair.a, pair.b].map((turn) => (turn === undefined ? 0 : waitSumMs(turn)))));
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = (at: number): void => setOpen((known) => (known.has(at) ? new Set([...known].filter((other) => other !== at)) : new Set([...known, at])));
  return (
    <div role="table" aria-label="Turns of both calls" className="text-sm">
      <div role="row" className={`${kGrid} border-b border-line-strong py-1.5 text-xs font-medium text-dim`}>
        <span role="columnheader">A: call {props.a.id}</span>
        <span role="columnheader">B: call {props.b.id}</span>
        <span role="columnheader" className="text-right">Response, A and B</span>
      </div>
      {props.pairs.map((pair, at) => (
        <div key={at} {...(at === props.parted ? { id: 'divergence' } : {})} className={`border-b border-line ${at === props.parted ? 'bg-warn/8 shadow-[inset_3px_0_0_var(--color-warn)]' : ''}`}>
          {at === props.parted && (
            <div className="px-4 pt-1.5 text-2xs font-semibold text-warn">They part ways here</div>
          )}
          <div role="row" className={`${kGrid} py-1.5`}>
            <Side call={props.a} turn={pair.a} />
            <Side call={props.b} turn={pair.b} />
            <Latencies pair={pair} source={props.source} scaleMs={scaleMs} open={open.has(at)} onToggle={() => toggle(at)} />
          </div>
          {open.has(at) && <Stages pair={pair} />}
        </div>
      ))}
    </div>
  );
}

function Side({ call, turn }: { readonly call: Call; readonly turn: Turn | undefined }): JSX.Element {
  if (turn === undefined) return <div role="cell" className="text-xs text-faint">no such turn</div>;
  const tools = call.tools.filter((tool) => tool.turnIndex === turn.index);
  return (
    <div role="cell" className="grid min-w-0 grid-cols-[2rem_minmax(0,1fr)] gap-x-2">
      <Link to="/calls/$callId" params={{ callId: String(call.id) }} search={{ turn: String(turn.index) }} aria-label={`Turn ${turn.index} of call ${call.id}`} className="num text-right font-mono text-xs leading-[1.1875rem] font-semibold text-accent hover:underline">
        {turn.index}
      </Link>
      <div className="min-w-0">
        {turn.user !== undefined && <p className="text-pretty break-words text-kind-caller">{turn.user.text ?? 'no transcript'}</p>}
        {tools.map((tool, at) => (
          <p key={at} className="truncate font-mono text-xs text-dim" title={tool.arguments}>
            {tool.name} {tool.isError && <Badge tone="bad">failed</Badge>}
          </p>
        ))}
        {turn.agent !== undefined && <p className="text-pretty break-words text-ink">{turn.agent.generatedText ?? turn.agent.text ?? 'no text'}</p>}
      </div>
    </div>
  );
}

function Latencies({ pair, source, scaleMs, open, onToggle }: { readonly pair: TurnPair; readonly source: LatencySource | undefined; readonly scaleMs: number; readonly open: boolean; readonly onToggle: () => void }): JSX.Element {
  const of = (turn: Turn | undefined): number | undefined => (turn === undefined || source === undefined ? undefined : latencyFrom(turn, source));
  const [a, b] = [of(pair.a), of(pair.b)];
  if (a === undefined && b === undefined) return <div role="cell" />;
  return (
    <div role="cell" className="num flex flex-col gap-1 text-xs">
      {[pair.a, pair.b].map(
        (turn, at) =>
          turn !== undefined && (
            <div key={at} className="grid grid-cols-[minmax(0,1fr)_4.5rem] items-center gap-2">
              <WaitBar turn={turn} scaleMs={scaleMs} />
              <span className="text-right">
                <Latency value={of(turn)} />
              </span>
            </div>
          ),
      )}
      <div className={pair.a === undefined || pair.b === undefined ? 'hidden' : 'flex items-baseline justify-between'}>
        <button type="button" aria-expanded={open} className="rounded text-accent hover:underline" onClick={onToggle}>
          {open ? 'hide stages' : 'by stage'}
        </button>
        <Delta a={a} b={b} format={formatLatency} more="worse" />
      </div>
    </div>
  );
}

function Stages({ pair }: { readonly pair: TurnPair }): JSX.Element {
  const deltas = stageDeltas(pair.a, pair.b);
  const largest = Math.max(1, ...deltas.flatMap((delta) => [delta.a ?? 0, delta.b ?? 0]));
  return (
    <table aria-label="By stage" className="num mx-4 mb-3 ml-auto w-[34rem] max-w-[calc(100%-2rem)] text-xs">
      <tbody>
        {deltas.map((delta) => {
          const look = stageBackground(delta.color);
          return (
            <tr key={delta.label}>
              <th scope="row" className="w-32 py-0.5 text-left font-normal text-dim">{delta.label}</th>
              <td className="w-40">
                {[delta.a, delta.b].map((value, at) => (
                  <div key={at} className="my-px h-1.5 rounded-[1px] bg-line/40">
                    <div className={`h-full rounded-[1px] ${look.className}`} style={{ ...look.style, width: `${((value ?? 0) / largest) * 100}%` }} />
                  </div>
                ))}
              </td>
              <td className="pl-3 text-right">{delta.a === undefined ? '–' : formatLatency(delta.a)}</td>
              <td className="pl-3 text-right">{delta.b === undefined ? '–' : formatLatency(delta.b)}</td>
              <td className="w-24 text-right">
                <Delta a={delta.a} b={delta.b} format={formatLatency} more="worse" />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
