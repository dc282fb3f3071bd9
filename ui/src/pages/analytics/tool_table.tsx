import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { callQuery } from '@/api/queries';
import type { ToolFailure, ToolRow } from '@/api/types';
import { formatCount, formatLatency, formatShare } from '@/base/format';
import { Button } from '@/widgets/button';
import { CsvButton } from '@/widgets/download';
import { JsonView } from '@/widgets/json_view';
import { NotCaptured } from '@/widgets/state';
import { ShareBar, Table, type Column } from '@/widgets/table';

const kFailuresFirst = 3;

export function ToolTable({ rows }: { readonly rows: readonly ToolRow[] }): JSX.Element {
  const [open, setOpen] = useState<string | undefined>(undefined);
  const sorted = [...rows].sort((a, b) => b.errors / Math.max(1, b.n) - a.errors / Math.max(1, a.n) || b.n - a.n);
  const columns: readonly Column<ToolRow>[] = [
    { id: 'tool', label: 'Tool', cell: (row) => <span className="font-mono font-medium text-ink">{row.group}</span> },
    { id: 'n', label: 'Uses', align: 'right', cell: (row) => formatCount(row.n) },
    { id: 'failed', label: 'Failed', align: 'right', cell: (row) => <span className={row.errors > 0 ? 'font-semibold text-bad' : ''}>{formatCount(row.errors)}</span> },
    { id: 'rate', label: 'Rate', align: 'right', cell: (row) => formatShare(row.errors, row.n) },
    { id: 'bar', label: '', className: 'w-1/6 min-w-16 align-middle!', cell: (row) => <ShareBar share={row.errors / Math.max(1, row.n)} color="bad" /> },
    { id: 'p50', label: 'p50', align: 'right', cell: (row) => (row.p50Ms === undefined ? <NotCaptured short /> : formatLatency(row.p50Ms)) },
    { id: 'p95', label: 'p95', align: 'right', cell: (row) => (row.p95Ms === undefined ? <NotCaptured short /> : formatLatency(row.p95Ms)) },
    {
      id: 'inputs',
      label: '',
      align: 'right',
      cell: (row) =>
        row.failures.length > 0 && (
          <button type="button" aria-expanded={open === row.group} className="whitespace-nowrap text-accent hover:underline" onClick={() => setOpen(open === row.group ? undefined : row.group)}>
            {open === row.group ? 'hide' : 'failed inputs'}
          </button>
        ),
    },
  ];
  return (
    <>
      <Table label="Tools" columns={columns} rows={sorted} rowKey={(row) => row.group} below={(row) => open === row.group && <Failures tool={row.group} failures={row.failures} />} />
      <div className="flex justify-end px-2 py-1">
        <CsvButton name="tools" header={['tool', 'uses', 'failed', 'p50_ms', 'p95_ms']} rows={() => sorted.map((row) => [row.group, row.n, row.errors, row.p50Ms, row.p95Ms])} />
      </div>
    </>
  );
}

/** Where the statistics do not carry input and error, they are read from the call. */
function FailureRow({ name, failure }: { readonly name: string; readonly failure: ToolFailure }): JSX.Element {
  const known = failure.arguments !== undefined || failure.error !== undefined;
  const call = useQuery({ ...callQuery(failure.callId), enabled: !known, staleTime: 60_000 });
  const tool = call.data?.tools.find((candidate) => (failure.spanId === undefined ? candidate.name === name && candidate.isError : candidate.spanId === failure.spanId));
  const input = failure.arguments ?? tool?.arguments;
  const error = failure.error ?? tool?.error ?? tool?.result;
  const absent = call.isLoading ? <span className="text-faint">loading…</span> : <NotCaptured />;
  return (
    <div className="grid gap-2 rounded border border-line bg-panel p-2 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
      <div className="min-w-0">{input === undefined ? absent : <JsonView value={input} label="input" bare />}</div>
      <p className="min-w-0 font-mono text-2xs break-words text-bad">{error ?? absent}</p>
      <Link to="/calls/$callId" params={{ callId: String(failure.callId) }} search={{ tab: 'tools', ...(failure.spanId === undefined ? {} : { span: failure.spanId }) }} className="whitespace-nowrap text-accent hover:underline">
        call {failure.callId}
      </Link>
    </div>
  );
}

function Failures({ tool, failures }: { readonly tool: string; readonly failures: readonly ToolFailure[] }): JSX.Element {
  const [all, setAll] = useState(false);
  const shown = all ? failures : failures.slice(0, kFailuresFirst);
  return (
    <div className="flex flex-col gap-2">
      {shown.map((failure, at) => (
        <FailureRow key={at} name={tool} failure={failure} />
      ))}
      {shown.length < failures.length && (
        <Button look="quiet" className="self-start" onClick={() => setAll(true)}>
          Show all {failures.length}
        </Button>
      )}
    </div>
  );
}
