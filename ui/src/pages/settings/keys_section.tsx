import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { createKey, keysQuery, projectsQuery, revokeKey } from '@/api/administration';
import type { ApiKey } from '@/api/settings_types';
import type { Access } from '@/api/types';
import { formatAgo } from '@/base/format';
import { Badge } from '@/widgets/badge';
import { Select, TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { Table, type Column } from '@/widgets/table';
import { Confirm, CreateForm, dateOf, ListOf, ProjectSelect, ShownOnce, when } from './parts';

/** For administrators. */
export function Keys(): JSX.Element {
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
          <button type="button" className="text-bad hover:underline" onClick={() => setRevoking(key)}>
            Revoke
          </button>
        ),
    },
  ];
  return (
    <Section title="Keys" note="Kept hashed; a key is shown once, when it is made.">
      <CreateForm label="Create a key" busy={creation.isPending} error={creation.error} ready={name.trim() !== ''} onSubmit={() => creation.mutate()}>
        <TextField aria-label="Name of the key" placeholder="What it is for" required value={name} onChange={(event) => setName(event.target.value)} className="w-56" />
        <Select aria-label="Access" value={access} onChange={(event) => setAccess(event.target.value === 'read-only' ? 'read-only' : 'read-write')}>
          <option value="read-write">read and write</option>
          <option value="read-only">read only</option>
        </Select>
        <ProjectSelect projects={projects.data} value={projectId} onChange={setProjectId} />
      </CreateForm>
      <ListOf query={keys} what="The keys" empty="No keys" render={(rows) => <Table label="Keys" columns={columns} rows={rows} rowKey={(key) => String(key.id)} />} />
      <ShownOnce secret={made} what="key" onClose={() => setMade(undefined)} />
      <Confirm
        open={revoking !== undefined}
        title={`Revoke ${revoking?.name ?? 'the key'}?`}
        description="Whoever uses it is refused from this moment on. It can’t be undone."
        action="Revoke the key"
        busy={revocation.isPending}
        error={revocation.error}
        onClose={() => setRevoking(undefined)}
        onConfirm={() => revoking !== undefined && revocation.mutate(revoking.id)}
      />
    </Section>
  );
}
