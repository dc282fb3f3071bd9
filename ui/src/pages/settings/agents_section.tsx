import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { changeAgent, createAgent, projectsQuery } from '@/api/administration';
import { agentsQuery } from '@/api/queries';
import type { Agent, Unclaimed } from '@/api/settings_types';
import { formatDuration } from '@/base/format';
import { Select, TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';
import { CreateForm, ListOf, ProjectSelect } from './parts';

/** How long a call that nobody claims may wait, as far as the page offers it. */
const kWaitsS = [600, 3_600, 21_600, 86_400] as const;

export function Agents({ canWrite }: { readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const agents = useQuery(agentsQuery);
  const projects = useQuery(projectsQuery);
  const [name, setName] = useState('');
  const [service, setService] = useState('');
  const [projectId, setProjectId] = useState<number | undefined>(undefined);
  const renew = (): void => void client.invalidateQueries({ queryKey: ['agents'] });
  const creation = useMutation({
    mutationFn: () => createAgent(name.trim(), service.trim(), projectId ?? projects.data?.[0]?.id ?? 1),
    onSuccess: () => {
      setName('');
      setService('');
      renew();
    },
  });
  const change = useMutation({ mutationFn: ({ id, unclaimed, afterS }: { readonly id: number; readonly unclaimed: Unclaimed; readonly afterS: number }) => changeAgent(id, unclaimed, afterS), onSuccess: renew });
  const columns: readonly Column<Agent>[] = [
    { id: 'id', label: 'Id', align: 'right', className: 'w-12', cell: (agent) => agent.id },
    { id: 'name', label: 'Name', cell: (agent) => <span className="font-medium text-ink">{agent.name}</span> },
    { id: 'service', label: 'service.name', cell: (agent) => (agent.serviceName === undefined ? <span className="text-faint">by header only</span> : <code className="font-mono text-2xs">{agent.serviceName}</code>) },
    { id: 'project', label: 'Project', cell: (agent) => projects.data?.find((project) => project.id === agent.projectId)?.name ?? '' },
    { id: 'header', label: 'Header', cell: (agent) => <code className="font-mono text-2xs whitespace-nowrap text-dim">x-cekura-agent-id={agent.id}</code> },
    {
      id: 'unclaimed',
      label: 'Calls without a session or log',
      title: 'What becomes of calls that are spans alone: where consent is recorded in the session, a call without one can be kept from everybody',
      cell: (agent) => (
        <Select
          aria-label={`Calls of ${agent.name} without a session or log`}
          disabled={!canWrite || change.isPending}
          value={agent.unclaimed === 'drop' ? String(agent.unclaimedAfterS ?? 3_600) : 'keep'}
          onChange={({ target }) => change.mutate({ id: agent.id, unclaimed: target.value === 'keep' ? 'keep' : 'drop', afterS: Number(target.value) || 3_600 })}
        >
          <option value="keep">are kept</option>
          {waits(agent.unclaimedAfterS).map((seconds) => (
            <option key={seconds} value={seconds}>withheld, gone after {formatDuration(seconds * 1000)}</option>
          ))}
        </Select>
      ),
    },
  ];
  return (
    <Section title="Agents" note="An agent is also made by itself when a new service.name comes.">
      {canWrite && (
        <CreateForm label="Create an agent" busy={creation.isPending} error={creation.error} ready={name.trim() !== ''} onSubmit={() => creation.mutate()}>
          <TextField aria-label="Name of the agent" placeholder="Name" required value={name} onChange={(event) => setName(event.target.value)} className="w-48" />
          <TextField aria-label="Its service.name" placeholder="service.name of its spans, if any" value={service} onChange={(event) => setService(event.target.value)} className="w-56" />
          <ProjectSelect projects={projects.data} value={projectId} onChange={setProjectId} />
        </CreateForm>
      )}
      {change.isError && <p role="alert" className="border-b border-line px-4 py-2 text-bad">{explain(change.error)}</p>}
      <ListOf query={agents} what="The agents" empty="No agents yet" hint="The first spans make one, or create it here." render={(rows) => <Table label="Agents" columns={columns} rows={rows} rowKey={(agent) => String(agent.id)} />} />
    </Section>
  );
}

const waits = (chosen: number | undefined): readonly number[] => [...new Set<number>([...kWaitsS, ...(chosen === undefined ? [] : [chosen])])].sort((a, b) => a - b);
