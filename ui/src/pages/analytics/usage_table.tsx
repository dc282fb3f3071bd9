import type { JSX } from 'react';
import type { UsageRow } from '@/api/types';
import { formatCompact, formatCount, formatDuration, formatUsd, plural } from '@/base/format';
import { CsvButton } from '@/widgets/download';
import { NotCaptured, Unknown } from '@/widgets/state';
import { ShareBar, Table, type Column } from '@/widgets/table';

export function UsageTable({ rows }: { readonly rows: readonly UsageRow[] }): JSX.Element {
  const sorted = [...rows].sort((a, b) => (b.costUsd ?? -1) - (a.costUsd ?? -1) || b.calls - a.calls);
  const largest = Math.max(0, ...rows.map((row) => row.costUsd ?? 0));
  const sum = rows.reduce((total, row) => total + (row.costUsd ?? 0), 0);
  const unpriced = rows.reduce((total, row) => total + (row.unpricedCalls ?? 0), 0);
  const tokens = (value: number | undefined): JSX.Element => (value === undefined ? <NotCaptured short /> : <span title={formatCount(value)}>{formatCompact(value)}</span>);
  const columns: readonly Column<UsageRow>[] = [
    { id: 'group', label: 'Model', cell: (row) => <span className="font-medium whitespace-nowrap text-ink">{row.group === '' ? 'unknown' : row.group}</span> },
    { id: 'calls', label: 'Requests', align: 'right', cell: (row) => formatCount(row.calls) },
    { id: 'input', label: 'Tokens in', align: 'right', cell: (row) => tokens(row.inputTokens) },
    { id: 'cached', label: 'Cached', align: 'right', cell: (row) => tokens(row.cacheReadTokens) },
    { id: 'output', label: 'Tokens out', align: 'right', cell: (row) => tokens(row.outputTokens) },
    { id: 'speech', label: 'Speech', align: 'right', title: 'Characters spoken, or audio transcribed', cell: (row) => <span className="whitespace-nowrap">{speech(row)}</span> },
    { id: 'cost', label: 'Cost', align: 'right', cell: (row) => (row.costUsd === undefined ? <Unknown /> : formatUsd(row.costUsd)) },
    { id: 'bar', label: '', className: 'w-1/6 min-w-16 align-middle!', cell: (row) => <ShareBar share={largest === 0 ? 0 : (row.costUsd ?? 0) / largest} color="kind-llm" /> },
  ];
  return (
    <>
      <Table label="Tokens and cost by model" columns={columns} rows={sorted} rowKey={(row) => row.group} />
      <div className="num flex items-center px-4 py-2 text-xs text-dim">
        {sum > 0 && <span>Together {formatUsd(sum)}{unpriced > 0 && `, without ${plural(unpriced, 'request')} of unknown price`}</span>}
        <span className="ml-auto">
          <CsvButton name="cost" header={['model', 'requests', 'input_tokens', 'cache_read_tokens', 'output_tokens', 'characters', 'audio_s', 'cost_usd', 'unpriced_requests']} rows={() => rows.map((row) => [row.group, row.calls, row.inputTokens, row.cacheReadTokens, row.outputTokens, row.characters, row.audioS, row.costUsd, row.unpricedCalls])} />
        </span>
      </div>
    </>
  );
}

function speech(row: UsageRow): string {
  const parts = [row.characters === undefined ? '' : `${formatCompact(row.characters)} chars`, row.audioS === undefined ? '' : formatDuration(row.audioS * 1000)];
  return parts.filter((part) => part !== '').join(', ');
}
