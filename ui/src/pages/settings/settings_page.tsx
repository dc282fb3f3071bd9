import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type JSX, type ReactNode } from 'react';
import { credentials } from '@/api/credentials';
import { agentsQuery, createAgent, createKey, createProject, keysQuery, projectsQuery, revokeKey, serverQuery } from '@/api/queries';
import type { Access, Agent, ApiKey, Project } from '@/api/types';
import { formatAgo, formatDateTime } from '@/base/format';
import type { EpochNs } from '@/base/units';
import { Badge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { ConnectGuide } from '@/widgets/connect';
import { CodeBlock } from '@/widgets/copy';
import { Dialog } from '@/widgets/dialog';
import { Select, TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain, Failure, Nothing, Skeleton } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';
import { useReplaceSearch, useSearchText } from '../address';

const kParts = [
  { id: 'connect', label: 'Connect an agent' },
  { id: 'keys', label: 'Keys' },
  { id: 'agents', label: 'Agents' },
  { id: 'projects', label: 'Projects' },
] as const;
type Part = (typeof kParts)[number]['id'];

export function SettingsPage(): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const part: Part = kParts.find((candidate) => candidate.id === search['part'])?.id ?? 'connect';
  const server = useQuery(serverQuery);
  const canWrite = server.data?.access === 'read-write';
  const isAdmin = server.data?.admin === true;
  useEffect(() => {
    document.title = 'Settings · Callscope';
  }, []);
  return (
    <div className="grid h-full min-h-0 grid-cols-[12rem_minmax(0,1fr)]">
      <nav aria-label="Settings" className="border-r border-line bg-panel p-2">
        <h1 className="px-2.5 pt-1 pb-2 text-sm font-semibold text-ink">Settings</h1>
        {kParts.map((candidate) => (
          <button
            key={candidate.id}
            type="button"
            aria-current={candidate.id === part ? 'page' : undefined}
            onClick={() => replaceSearch(() => (candidate.id === 'connect' ? {} : { part: candidate.id }))}
            className={`block w-full rounded px-2.5 py-1.5 text-left ${candidate.id === part ? 'bg-accent/12 font-medium text-ink' : 'text-dim hover:bg-line/60 hover:text-ink'}`}
          >
            {candidate.label}
          </button>
        ))}
      </nav>
      <div className="min-h-0 overflow-y-auto p-5">
        <div className="mx-auto flex max-w-4xl flex-col gap-4">
          {server.data?.access === 'read-only' && <p className="rounded border border-warn/50 bg-warn/6 px-3 py-2">You are signed in with a read-only key: nothing can be changed here.</p>}
          {part === 'connect' && <Connect grpc={server.data?.grpc} />}
          {part === 'keys' && <Keys canWrite={isAdmin} />}
          {part === 'agents' && <Agents canWrite={canWrite} />}
          {part === 'projects' && <Projects canWrite={isAdmin} />}
        </div>
      </div>
    </div>
  );
}

function Connect({ grpc }: { readonly grpc: string | undefined }): JSX.Element {
  const signedIn = credentials();
  return (
    <Section title="Connect an agent" note="Any OpenTelemetry exporter will do; these are the shortest ways.">
      <div className="p-4">
        <ConnectGuide origin={location.origin} apiKey={signedIn.state === 'signed_in' ? signedIn.key : 'cs_…'} grpc={grpc} />
      </div>
    </Section>
  );
}

function Keys({ canWrite }: { readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const keys = useQuery(keysQuery);
  const projects = useQuery(projectsQuery);
  const [name, setName] = useState('');
  const [access, setAccess] = useState<Access>('read-write');
  const [projectId, setProjectId] = useState<number | undefined>(undefined);
  const [made, setMade] = useState<string | undefined>(undefined);
  const [revoking, setRevoking] = useState<ApiKey | undefined>(undefined);
  const renew = (): void => void client.invalidateQueries({ queryKey: ['keys'] });
  const creation = useMutation({
    mutationFn: () => createKey(name.trim(), access, projectId ?? projects.data?.[0]?.id ?? 1),
    onSuccess: (created) => {
      setMade(created.key);
      setName('');
      renew();
    },
  });
  const revocation = useMutation({
    mutationFn: (id: number) => revokeKey(id),
    onSuccess: () => {
      setRevoking(undefined);
      renew();
    },
  });
  const columns: readonly Column<ApiKey>[] = [
    { id: 'name', label: 'Name', cell: (key) => <span className={`font-medium ${key.revokedNs === undefined ? 'text-ink' : 'text-faint line-through'}`}>{key.name ?? `key ${key.id}`}</span> },
    { id: 'access', label: 'Access', cell: (key) => <Badge tone={key.access === 'read-write' ? 'accent' : 'neutral'}>{key.access}</Badge> },
    { id: 'project', label: 'Project', cell: (key) => projects.data?.find((project) => project.id === key.projectId)?.name ?? '' },
    { id: 'created', label: 'Created', cell: (key) => <span className="whitespace-nowrap text-dim">{when(key.createdNs)}</span> },
    { id: 'used', label: 'Last used', cell: (key) => <span className="whitespace-nowrap text-dim">{key.lastUsedNs === undefined ? 'never' : formatAgo(dateOf(key.lastUsedNs), new Date())}</span> },
    {
      id: 'state',
      label: '',
      align: 'right',
      cell: (key) =>
        key.revokedNs !== undefined ? (
          <span className="whitespace-nowrap text-faint">revoked {when(key.revokedNs)}</span>
        ) : (
          canWrite && (
            <button type="button" className="text-bad hover:underline" onClick={() => setRevoking(key)}>
              Revoke
            </button>
          )
        ),
    },
  ];
  return (
    <Section title="Keys" note="Kept hashed; a key is shown once, when it is made.">
      {canWrite && (
        <CreateForm label="Create a key" busy={creation.isPending} error={creation.error} ready={name.trim() !== ''} onSubmit={() => creation.mutate()}>
          <TextField aria-label="Name of the key" placeholder="What it is for" required value={name} onChange={(event) => setName(event.target.value)} className="w-56" />
          <Select aria-label="Access" value={access} onChange={(event) => setAccess(event.target.value === 'read-only' ? 'read-only' : 'read-write')}>
            <option value="read-write">read and write</option>
            <option value="read-only">read only</option>
          </Select>
          <ProjectSelect projects={projects.data} value={projectId} onChange={setProjectId} />
        </CreateForm>
      )}
      <ListOf query={keys} what="The keys" empty="No keys" render={(rows) => <Table label="Keys" columns={columns} rows={rows} rowKey={(key) => String(key.id)} />} />
      <Dialog open={made !== undefined} onClose={() => setMade(undefined)} title="Copy the key now" description="It is kept hashed and can’t be shown again.">
        {made !== undefined && <CodeBlock code={made} label="key" />}
        <div className="mt-4 flex justify-end">
          <Button look="primary" onClick={() => setMade(undefined)}>Done</Button>
        </div>
      </Dialog>
      <Dialog open={revoking !== undefined} onClose={() => setRevoking(undefined)} title={`Revoke ${revoking?.name ?? 'the key'}?`} description="Whoever uses it is refused from this moment on. It can’t be undone.">
        {revocation.isError && <p role="alert" className="mb-3 text-bad">{explain(revocation.error)}</p>}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setRevoking(undefined)}>Keep it</Button>
          <Button look="danger" disabled={revocation.isPending} onClick={() => revoking !== undefined && revocation.mutate(revoking.id)}>Revoke the key</Button>
        </div>
      </Dialog>
    </Section>
  );
}

function Agents({ canWrite }: { readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const agents = useQuery(agentsQuery);
  const projects = useQuery(projectsQuery);
  const [name, setName] = useState('');
  const [projectId, setProjectId] = useState<number | undefined>(undefined);
  const creation = useMutation({
    mutationFn: () => createAgent(name.trim(), projectId ?? projects.data?.[0]?.id ?? 1),
    onSuccess: () => {
      setName('');
      void client.invalidateQueries({ queryKey: ['agents'] });
    },
  });
  const columns: readonly Column<Agent>[] = [
    { id: 'id', label: 'Id', align: 'right', className: 'w-16', cell: (agent) => agent.id },
    { id: 'name', label: 'Name', cell: (agent) => <span className="font-medium text-ink">{agent.name}</span> },
    { id: 'project', label: 'Project', cell: (agent) => projects.data?.find((project) => project.id === agent.projectId)?.name ?? '' },
    { id: 'header', label: 'Header', cell: (agent) => <code className="font-mono text-2xs text-dim">x-cekura-agent-id={agent.id}</code> },
  ];
  return (
    <Section title="Agents" note="An agent is also made by itself when a new service.name comes.">
      {canWrite && (
        <CreateForm label="Create an agent" busy={creation.isPending} error={creation.error} ready={name.trim() !== ''} onSubmit={() => creation.mutate()}>
          <TextField aria-label="Name of the agent" placeholder="Name" required value={name} onChange={(event) => setName(event.target.value)} className="w-56" />
          <ProjectSelect projects={projects.data} value={projectId} onChange={setProjectId} />
        </CreateForm>
      )}
      <ListOf query={agents} what="The agents" empty="No agents yet" render={(rows) => <Table label="Agents" columns={columns} rows={rows} rowKey={(agent) => String(agent.id)} />} />
    </Section>
  );
}

function Projects({ canWrite }: { readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const projects = useQuery(projectsQuery);
  const [name, setName] = useState('');
  const creation = useMutation({
    mutationFn: () => createProject(name.trim()),
    onSuccess: () => {
      setName('');
      void client.invalidateQueries({ queryKey: ['projects'] });
    },
  });
  const columns: readonly Column<Project>[] = [
    { id: 'id', label: 'Id', align: 'right', className: 'w-16', cell: (project) => project.id },
    { id: 'name', label: 'Name', cell: (project) => <span className="font-medium text-ink">{project.name}</span> },
  ];
  return (
    <Section title="Projects" note="A key sees one project and nothing of the others.">
      {canWrite && (
        <CreateForm label="Create a project" busy={creation.isPending} error={creation.error} ready={name.trim() !== ''} onSubmit={() => creation.mutate()}>
          <TextField aria-label="Name of the project" placeholder="Name" required value={name} onChange={(event) => setName(event.target.value)} className="w-56" />
        </CreateForm>
      )}
      <ListOf query={projects} what="The projects" empty="No projects" render={(rows) => <Table label="Projects" columns={columns} rows={rows} rowKey={(project) => String(project.id)} />} />
    </Section>
  );
}

function CreateForm(props: { readonly label: string; readonly busy: boolean; readonly error: Error | null; readonly ready: boolean; readonly onSubmit: () => void; readonly children: ReactNode }): JSX.Element {
  return (
    <form
      className="flex flex-wrap items-center gap-2 border-b border-line bg-panel px-4 py-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {props.children}
      <Button type="submit" look="primary" disabled={props.busy || !props.ready}>
        {props.label}
      </Button>
      {props.error !== null && (
        <span role="alert" className="text-bad">
          {explain(props.error)}
        </span>
      )}
    </form>
  );
}

function ProjectSelect({ projects, value, onChange }: { readonly projects: readonly Project[] | undefined; readonly value: number | undefined; readonly onChange: (id: number) => void }): JSX.Element | null {
  if (projects === undefined || projects.length < 2) return null;
  return (
    <Select aria-label="Project" value={value ?? projects[0]?.id} onChange={(event) => onChange(Number(event.target.value))}>
      {projects.map((project) => (
        <option key={project.id} value={project.id}>
          {project.name}
        </option>
      ))}
    </Select>
  );
}

function ListOf<T>(props: { readonly query: { readonly data: readonly T[] | undefined; readonly error: Error | null; readonly refetch: () => unknown }; readonly what: string; readonly empty: string; readonly render: (rows: readonly T[]) => JSX.Element }): JSX.Element {
  const { data, error, refetch } = props.query;
  if (data === undefined) return error === null ? <Skeleton rows={4} label={props.what} /> : <Failure error={error} what={props.what} onRetry={() => void refetch()} />;
  return data.length === 0 ? <Nothing title={props.empty} /> : props.render(data);
}

const dateOf = (time: EpochNs): Date => new Date(Number(time / 1_000_000n));
const when = (time: EpochNs | undefined): string => (time === undefined ? '' : formatDateTime(dateOf(time)).slice(0, 16));
