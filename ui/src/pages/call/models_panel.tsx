import type { JSX, ReactNode } from 'react';
import type { Call, ModelUse } from '@/api/types';
import { formatCount, formatLatency, formatUsd } from '@/base/format';
import { costOf } from '@/model/cost';
import { Nothing, Unknown } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';

const known = (value: number | undefined, format: (value: number) => string): ReactNode => (value === undefined ? <Unknown /> : format(value));

const kColumns: readonly Column<ModelUse>[] = [
  {
    id: 'model',
    label: 'Model',
    cell: (use) => (
      <span className="whitespace-nowrap">
        <span className="font-medium text-ink">{use.model ?? 'unnamed'}</span> <span className="text-faint">{use.provider}</span>
      </span>
    ),
  },
  { id: 'kind', label: 'Kind', cell: (use) => <span className="font-medium" style={{ color: `var(--color-kind-${['stt', 'llm', 'tts', 's2s'].includes(use.kind) ? use.kind : 'custom'})` }}>{use.kind === 'llm' ? 'LLM' : use.kind.toUpperCase()}</span> },
  { id: 'calls', label: 'Calls', align: 'right', cell: (use) => formatCount(use.calls) },
  { id: 'errors', label: 'Failed', align: 'right', cell: (use) => (use.errors === undefined ? <Unknown /> : use.errors > 0 ? <span className="font-semibold text-bad">{use.errors}</span> : '0') },
  { id: 'input', label: 'Tokens in', align: 'right', cell: (use) => tokens(use, use.inputTokens) },
  { id: 'cached', label: 'Cached', align: 'right', title: 'Of the tokens in, those read from the provider’s cache', cell: (use) => tokens(use, use.cacheReadTokens) },
  { id: 'output', label: 'Tokens out', align: 'right', cell: (use) => tokens(use, use.outputTokens) },
  { id: 'characters', label: 'Characters', align: 'right', cell: (use) => (use.kind === 'tts' || use.characters !== undefined ? known(use.characters, formatCount) : '') },
  { id: 'audio', label: 'Audio', align: 'right', cell: (use) => (use.kind === 'stt' || use.audioS !== undefined ? known(use.audioS, (value) => `${value.toFixed(1)} s`) : '') },
  { id: 'p50', label: 'First result p50 / p95', align: 'right', cell: (use) => (use.latency === undefined ? <Unknown /> : <span className="whitespace-nowrap">{formatLatency(use.latency.p50Ms)} / {formatLatency(use.latency.p95Ms)} <span className="text-2xs text-faint">n {use.latency.n}</span></span>) },
  {
    id: 'cost',
    label: 'Cost',
    align: 'right',
    cell: (use) => (
      <span className="whitespace-nowrap">
        {known(use.costUsd, formatUsd)}
        {use.costUsd !== undefined && use.costSource === 'reported' && <span className="ml-1 text-2xs text-faint">reported</span>}
      </span>
    ),
  },
];

const tokens = (use: ModelUse, value: number | undefined): ReactNode => (use.kind === 'stt' || use.kind === 'tts' ? (value === undefined ? '' : formatCount(value)) : known(value, formatCount));

export function ModelsPanel({ call }: { readonly call: Call }): JSX.Element {
  if (call.models.length === 0) return <Nothing title="No model was named">Spans carry the model as gen_ai.request.model or the like.</Nothing>;
  const cost = costOf(call);
  const priced = call.models.filter((use) => use.costUsd !== undefined);
  const unpriced = call.models.length - priced.length;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Table label="Models and cost" columns={kColumns} rows={call.models} rowKey={(use) => `${use.kind}/${use.provider ?? ''}/${use.model ?? ''}`} />
      <p className="num px-4 py-2.5 text-xs text-dim">
        {cost.usd === undefined ? 'The cost of the call is unknown' : `The call cost ${cost.isLowerBound ? 'at least ' : ''}${formatUsd(cost.usd)}`}
        {unpriced > 0 && `; ${unpriced} of ${call.models.length} models have no price or no usage here, and count as unknown, not as zero`}. {cost.note}
      </p>
    </div>
  );
}
