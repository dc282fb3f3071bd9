import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type JSX } from 'react';
import type { Query } from '@/api/client';
import { slowTurnsQuery } from '@/api/queries';
import type { SlowTurn } from '@/api/types';
import { formatClock, formatCount, formatDuration, formatLatency, plural } from '@/base/format';
import { histogram, type Bin } from '@/model/histogram';
import { gradeLatency, kSourceLabels, type LatencySource } from '@/model/turn_latency';
import { CsvButton } from '@/widgets/download';
import { Latency } from '@/widgets/latency';
import { Section } from '@/widgets/section';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { useAgentNames } from './agent_names';
import { TurnLink } from './turn_link';

/** As many turns as the server gives at once. */
const kTurnsMax = 1_000;
const kBinsMax = 36;
const kBehindShown = 60;

/** How response latencies spread, with the turns behind each bar. */
export function Distribution({ range, source }: { readonly range: Query; readonly source: LatencySource }): JSX.Element {
  // Bars of another source or time are never shown under this one's name.
  const turns = useQuery(slowTurnsQuery(range, source, kTurnsMax));
  const rows = turns.data;
  const partial = rows !== undefined && rows.length >= kTurnsMax;
  return (
    <Section
      title="Distribution of response latency"
      note={rows === undefined ? undefined : `${kSourceLabels[source]}; ${partial ? `the slowest ${formatCount(rows.length)} turns` : `n ${formatCount(rows.length)}`}`}
      controls={rows !== undefined && rows.length > 0 && <CsvButton name="turns" header={['call_id', 'turn_index', 'agent_id', 'latency_ms', 'source', 'started_at']} rows={() => rows.map((row) => [row.callId, row.turnIndex, row.agentId, row.latencyMs, row.source, row.startedNs === undefined ? undefined : new Date(Number(row.startedNs / 1_000_000n)).toISOString()])} />}
    >
      {turns.isPending ? (
        <Skeleton rows={6} label="distribution" />
      ) : turns.isError ? (
        <Failure error={turns.error} what="The distribution" onRetry={() => void turns.refetch()} />
      ) : turns.data.length === 0 ? (
        <Nothing title={`No turn with a ${source} latency in this time`} />
      ) : (
        <Bars key={source} rows={turns.data} />
      )}
    </Section>
  );
}

function Bars({ rows }: { readonly rows: readonly SlowTurn[] }): JSX.Element {
  const bins = useMemo(() => histogram(rows.map((row) => row.latencyMs), kBinsMax), [rows]);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const largest = Math.max(1, ...bins.map((bin) => bin.count));
  const bin = chosen === undefined ? undefined : bins[chosen];
  const behind = bin === undefined ? [] : rows.filter((row) => row.latencyMs >= bin.from && row.latencyMs < bin.to);
  return (
    <div className="p-4">
      <div role="group" aria-label="Bars of the distribution" className="flex h-40 items-end gap-px">
        {bins.map((held, at) => (
          <button
            key={held.from}
            type="button"
            aria-pressed={at === chosen}
            aria-label={`${labelOf(held)}: ${plural(held.count, 'turn')}`}
            title={`${labelOf(held)}: ${plural(held.count, 'turn')}`}
            disabled={held.count === 0}
            onClick={() => setChosen(at === chosen ? undefined : at)}
            className="group flex h-full min-w-0 flex-1 flex-col justify-end outline-offset-[-1px] disabled:cursor-default!"
          >
            <span className={`num w-full text-center text-2xs ${at === chosen ? 'text-ink' : 'text-faint'}`}>{held.count > 0 && bins.length <= 44 ? held.count : ''}</span>
            <span className={`w-full rounded-t-[1px] ${colorOf(held)} ${at === chosen ? 'outline-2 outline-ink' : 'opacity-80 group-hover:opacity-100'}`} style={{ height: held.count === 0 ? 0 : `max(2px, ${(held.count / largest) * 82}%)` }} />
          </button>
        ))}
      </div>
      <div className="num flex gap-px border-t border-line-strong pt-1 text-2xs text-faint" aria-hidden="true">
        {bins.map((held, at) => (
          <span key={held.from} className="min-w-0 flex-1 overflow-visible whitespace-nowrap">
            {at % Math.ceil(bins.length / 9) === 0 || held.to === Number.POSITIVE_INFINITY ? `${held.to === Number.POSITIVE_INFINITY ? '≥ ' : ''}${formatDuration(held.from)}` : ''}
          </span>
        ))}
      </div>
      {bin !== undefined && <Behind bin={bin} turns={behind} />}
    </div>
  );
}

function Behind({ bin, turns }: { readonly bin: Bin; readonly turns: readonly SlowTurn[] }): JSX.Element {
  const names = useAgentNames();
  const now = new Date();
  return (
    <div className="mt-3">
      <h3 className="mb-1 text-xs font-medium text-dim">
        {plural(turns.length, 'turn')} of {labelOf(bin)}
        {turns.length > kBehindShown && `, the slowest ${kBehindShown}`}
      </h3>
      <ul aria-label="Turns behind the bar" className="num grid max-h-72 gap-x-6 overflow-y-auto text-xs md:grid-cols-2 xl:grid-cols-3" tabIndex={0}>
        {turns.slice(0, kBehindShown).map((turn, at) => (
          <li key={at} className="flex items-baseline gap-2 border-b border-line/60 py-1">
            <TurnLink turn={turn} />
            <span className="min-w-0 truncate text-faint">
              {turn.agentId === undefined ? '' : (names.get(turn.agentId) ?? `agent ${turn.agentId}`)}
              {turn.startedNs === undefined ? '' : `, ${formatClock(new Date(Number(turn.startedNs / 1_000_000n)), now)}`}
            </span>
            <span className="ml-auto">
              <Latency value={turn.latencyMs} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const labelOf = (bin: Bin): string => (bin.to === Number.POSITIVE_INFINITY ? `${formatLatency(bin.from)} and more` : `${formatLatency(bin.from)} to ${formatLatency(bin.to)}`);

const kInks = { fine: 'bg-accent', slow: 'bg-warn', bad: 'bg-bad' } as const;
const colorOf = (bin: Bin): string => kInks[gradeLatency(bin.from)];
