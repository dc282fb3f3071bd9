import type { JSX } from 'react';
import type { SlowTurn } from '@/api/types';
import { formatClock } from '@/base/format';
import { Latency } from '@/widgets/latency';
import { ShareBar, Table, type Column } from '@/widgets/table';
import { useAgentNames } from './agent_names';
import { TurnLink } from './turn_link';

export function SlowTurns({ rows }: { readonly rows: readonly SlowTurn[] }): JSX.Element {
  const names = useAgentNames();
  const largest = rows[0]?.latencyMs ?? 1;
  const now = new Date();
  const columns: readonly Column<SlowTurn>[] = [
    { id: 'latency', label: 'Response', align: 'right', cell: (row) => <Latency value={row.latencyMs} /> },
    { id: 'bar', label: '', className: 'w-1/4 min-w-20 align-middle!', cell: (row) => <ShareBar share={row.latencyMs / largest} color="kind-unattributed" /> },
    { id: 'source', label: 'Source', cell: (row) => <span className="text-dim">{row.source ?? ''}</span> },
    {
      id: 'turn',
      label: 'Turn',
      cell: (row) => (
        <TurnLink turn={row} />
      ),
    },
    { id: 'agent', label: 'Agent', cell: (row) => (row.agentId === undefined ? '' : (names.get(row.agentId) ?? `agent ${row.agentId}`)) },
    { id: 'when', label: 'Call started', align: 'right', cell: (row) => <span className="whitespace-nowrap text-dim">{row.startedNs === undefined ? '' : formatClock(new Date(Number(row.startedNs / 1_000_000n)), now)}</span> },
  ];
  return <Table label="Slowest turns" columns={columns} rows={rows} rowKey={(_, at) => String(at)} />;
}
