import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { changeAgent, createAgent, projectsQuery } from '@/api/administration';
import { agentsQuery } from '@/api/queries';
import type { Agent, AgentChange } from '@/api/settings_types';
import { formatDuration } from '@/base/format';
import { Select, TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';
import { CreateForm, ListOf, ProjectSelect, Retention } from './parts';

/** How long a call that nobody claims may wait, as far as the page offers it. */
const kWaitsS = [600, 3_600, 21_600, 86_400] as const;

const kBuiltWith = [
  { id: '', label: 'not said' },
  { id: 'pipecat', label: 'Pipecat' },
  { id: 'livekit', label: 'LiveKit' },
  { id: 'custom', label: 'custom' },
] as const;

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
  const change = useMutation({ mutationFn: ({ id, what }: { readonly id: number; readonly what: AgentChange }) => changeAgent(id, what), onSuccess: renew });
  const isFixed = !canWrite || change.isPending;
  const columns: readonly Column<Agent>[] = [
    { id: 'id', label: 'Id', align: 'right', className: 'w-12', cell: (agent) => <span title={`Header x-cekura-agent-id: ${agent.id}`}>{agent.id}</span> },
    { id: 'name', label: 'Name', cell: (agent) => <span className="font-medium text-ink">{agent.name}</span> },
    { id: 'service', label: 'service.name', cell: (agent) => (agent.serviceName === undefined ? <span className="text-dim">by header only</span> : <code className="font-mono text-2xs">{agent.serviceName}</code>) },
    { id: 'project', label: 'Project', cell: (agent) => projects.data?.find((project) => project.id === agent.projectId)?.name ?? '' },
    {
      id: 'provider',
      label: 'Built with',
      cell: (agent) => (
        <Select aria-label={`What ${agent.name} is built with`} disabled={isFixed} value={agent.builtWith ?? ''} onChange={({ target }) => change.mutate({ id: agent.id, what: { provider: kBuiltWith.find(({ id }) => id === target.value)?.id ?? '' } })}>
          {kBuiltWith.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </Select>
      ),
    },
    {
      id: 'tracing',
      label: 'Tracing',
      title: 'While it is off, spans and log lines of the agent are acknowledged and kept nowhere',
      cell: (agent) => (
        <Select aria-label={`Tracing of ${agent.name}`} disabled={isFixed} value={agent.isTraced ? 'on' : 'off'} onChange={({ target }) => change.mutate({ id: agent.id, what: { tracing: target.value === 'off' ? 'off' : 'on' } })}>
          <option value="on">on</option>
          <option value="off">off</option>
        </Select>
      ),
    },
    {
      id: 'unclaimed',
      label: 'Without consent',
      title: 'Consent is recorded in a session or call log. What becomes of calls that none ever comes for: they are kept, or withheld from everybody and then deleted',
      cell: (agent) => (
        <Select
          aria-label={`Calls of ${agent.name} without a session or log`}
          disabled={isFixed}
          value={agent.unclaimed === 'drop' ? String(agent.unclaimedAfterS ?? 3_600) : 'keep'}
          onChange={({ target }) => change.mutate({ id: agent.id, what: target.value === 'keep' ? { unclaimed: 'keep' } : { unclaimed: 'drop', unclaimed_after_s: Number(target.value) || 3_600 } })}
        >
          <option value="keep">kept</option>
          {waits(agent.unclaimedAfterS).map((seconds) => (
            <option key={seconds} value={seconds}>withheld, gone after {formatDuration(seconds * 1000)}</option>
          ))}
        </Select>
      ),
    },
    {
      id: 'retention',
      label: 'Calls are kept',
      title: 'With their spans, log lines and recordings, from when they began',
      cell: (agent) => <Retention name={agent.name} days={agent.retentionDays} standard="as the project’s" disabled={isFixed} onChange={(days) => change.mutate({ id: agent.id, what: { retention_days: days } })} />,
    },
  ];
  return (
    <Section title="Agents" note="Made by themselves when a new service.name comes. Spans without one name theirs by the header x-cekura-agent-id.">
      {canWrite && (
        <CreateForm label="Create an agent" busy={creation.isPending} error={creation.error} ready={name.trim() !== ''} onSubmit={() => creation.mutate()}>
          <TextField aria-label="Name of the agent" placeholder="Name" required value={name} onChange={(event) => setName(event.target.value)} className="w-48" />
          <TextField aria-label="Its service.name" placeholder="service.name of its spans, if any" value={service} onChange={(event) => setService(event.target.value)} className="w-56" />
          <ProjectSelect projects={projects.data} value={projectId} onChange={setProjectId} />
        </CreateForm>
      )}
      {change.isError && <p role="alert" className="border-b border-line px-4 py-2 text-bad">{explain(change.error)}</p>}
      <ListOf query={agents} what="The agents" empty="No agents yet" hint="The first spans make one, or create it here." render={(rows) => <Table label="Agents" align="middle" columns={columns} rows={rows} rowKey={(agent) => String(agent.id)} />} />
    </Section>
  );
}

const waits = (chosen: number | undefined): readonly number[] => [...new Set<number>([...kWaitsS, ...(chosen === undefined ? [] : [chosen])])].sort((a, b) => a - b);
