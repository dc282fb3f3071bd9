import type { JSX } from 'react';
import type { LatencyRow } from '@/api/types';
import { formatCount, formatLatency } from '@/base/format';
import type { Grouping, StatLine, StatStage } from '@/model/analytics_view';
import { CsvButton } from '@/widgets/download';
import { Latency } from '@/widgets/latency';
import { NotCaptured } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';

/** Percentiles, always with how many values they stand on. */
export function LatencyTable({ rows, grouping, stage }: { readonly rows: readonly LatencyRow[]; readonly grouping: Exclude<Grouping, 'none'>; readonly stage: StatStage }): JSX.Element {
  const largest = Math.max(1, ...rows.map((row) => row.p99Ms ?? 0));
  const value = (milliseconds: number | undefined): JSX.Element => (stage === 'response' ? <Latency value={milliseconds} /> : milliseconds === undefined ? <NotCaptured short /> : <span className="whitespace-nowrap">{formatLatency(milliseconds)}</span>);
  const columns: readonly Column<LatencyRow>[] = [
    { id: 'group', label: grouping[0]!.toUpperCase() + grouping.slice(1), cell: (row) => <span className="font-medium whitespace-nowrap text-ink">{row.group === '' ? 'unknown' : row.group}</span> },
    { id: 'n', label: 'n', align: 'right', cell: (row) => <span className="text-dim">{formatCount(row.n)}</span> },
    { id: 'p50', label: 'p50', align: 'right', cell: (row) => value(row.p50Ms) },
    { id: 'p90', label: 'p90', align: 'right', cell: (row) => value(row.p90Ms) },
    { id: 'p95', label: 'p95', align: 'right', cell: (row) => value(row.p95Ms) },
    { id: 'p99', label: 'p99', align: 'right', cell: (row) => value(row.p99Ms) },
    { id: 'spread', label: '', className: 'w-1/5 min-w-16 align-middle!', cell: (row) => <Spread row={row} largest={largest} /> },
  ];
  return (
    <div className="min-w-0 py-1">
      <Table label="Latency percentiles" columns={columns} rows={rows} rowKey={(row) => row.group} />
      <div className="flex items-center px-2 pt-1">
        <span className="pl-2 text-2xs text-faint">{rows.some((row) => row.n < 20) ? 'Percentiles over fewer than 20 values say little.' : ''}</span>
        <span className="ml-auto">
          <CsvButton name={`latency-${stage}`} header={['group', 'n', 'p50_ms', 'p90_ms', 'p95_ms', 'p99_ms']} rows={() => rows.map((row) => [row.group, row.n, row.p50Ms, row.p90Ms, row.p95Ms, row.p99Ms])} />
        </span>
      </div>
    </div>
  );
}

export type LineRow = StatLine & LatencyRow;

/** Every stage in one table, the response by each of its sources, to see at a glance which one is slow. Choosing one draws it over time. */
export function StageTable({ rows, chosen, onChoose }: { readonly rows: readonly LineRow[]; readonly chosen: StatLine; readonly onChoose: (line: StatLine) => void }): JSX.Element {
  const largest = Math.max(1, ...rows.map((row) => row.p99Ms ?? 0));
  const value = (milliseconds: number | undefined): JSX.Element => (milliseconds === undefined ? <NotCaptured short /> : <span className="whitespace-nowrap">{formatLatency(milliseconds)}</span>);
  const isChosen = (row: StatLine): boolean => row.stage === chosen.stage && row.source === chosen.source;
  const columns: readonly Column<LineRow>[] = [
    {
      id: 'stage',
      label: 'Stage',
      cell: (row) => (
        <button type="button" aria-pressed={isChosen(row)} className={`whitespace-nowrap hover:underline ${isChosen(row) ? 'font-semibold text-accent' : 'font-medium text-ink'}`} onClick={() => onChoose(row)}>
          {row.label}
        </button>
      ),
    },
    { id: 'n', label: 'n', align: 'right', cell: (row) => <span className="text-dim">{formatCount(row.n)}</span> },
    { id: 'p50', label: 'p50', align: 'right', cell: (row) => value(row.p50Ms) },
    { id: 'p90', label: 'p90', align: 'right', cell: (row) => value(row.p90Ms) },
    { id: 'p95', label: 'p95', align: 'right', cell: (row) => value(row.p95Ms) },
    { id: 'p99', label: 'p99', align: 'right', cell: (row) => value(row.p99Ms) },
    { id: 'spread', label: '', className: 'w-1/5 min-w-20 align-middle!', cell: (row) => (row.n === 0 ? <NotCaptured /> : <Spread row={row} largest={largest} />) },
  ];
  return (
    <div className="min-w-0 py-1">
      <Table label="Latency percentiles by stage" columns={columns} rows={rows} rowKey={(row) => row.label} />
      <div className="flex items-center px-2 pt-1">
        <span className="pl-2 text-2xs text-faint">Heard, reported and computed are three measures and are never mixed.</span>
        <span className="ml-auto">
          <CsvButton name="latency" header={['stage', 'source', 'n', 'p50_ms', 'p90_ms', 'p95_ms', 'p99_ms']} rows={() => rows.map((row) => [row.stage, row.source, row.n, row.p50Ms, row.p90Ms, row.p95Ms, row.p99Ms])} />
        </span>
      </div>
    </div>
  );
}

/** The percentiles as marks on one scale. */
function Spread({ row, largest }: { readonly row: LatencyRow; readonly largest: number }): JSX.Element {
  const at = (value: number | undefined): string => `${((value ?? 0) / largest) * 100}%`;
  return (
    <div className="relative h-3" aria-hidden="true">
      <div className="absolute inset-x-0 top-1/2 h-px bg-line" />
      <div className="absolute top-[3px] bottom-[3px] left-0 rounded-[1px] bg-accent/70" style={{ width: at(row.p50Ms) }} />
      <div className="absolute top-[3px] bottom-[3px] rounded-[1px] bg-accent/35" style={{ left: at(row.p50Ms), width: `calc(${at(row.p95Ms)} - ${at(row.p50Ms)})` }} />
      <div className="absolute inset-y-0 w-px bg-dim" style={{ left: `calc(${at(row.p99Ms)} - 1px)` }} />
    </div>
  );
}
