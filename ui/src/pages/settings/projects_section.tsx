import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { changeProject, createProject, projectsQuery } from '@/api/administration';
import type { Project, ProjectChange } from '@/api/settings_types';
import { Select, TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';
import { CreateForm, ListOf, Retention } from './parts';

export function Projects({ canCreate, canWrite }: { readonly canCreate: boolean; readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const projects = useQuery(projectsQuery);
  const [name, setName] = useState('');
  const renew = (): void => void client.invalidateQueries({ queryKey: ['projects'] });
  const creation = useMutation({
    mutationFn: () => createProject(name.trim()),
    onSuccess: () => {
      setName('');
      renew();
    },
  });
  const change = useMutation({ mutationFn: ({ id, what }: { readonly id: number; readonly what: ProjectChange }) => changeProject(id, what), onSuccess: renew });
  const columns: readonly Column<Project>[] = [
    { id: 'id', label: 'Id', align: 'right', className: 'w-16', cell: (project) => project.id },
    { id: 'name', label: 'Name', cell: (project) => <span className="font-medium text-ink">{project.name}</span> },
    {
      id: 'duplicates',
      label: 'A call log whose call_id is known',
      cell: (project) => (
        <Select aria-label={`Known call logs of ${project.name}`} disabled={!canWrite || change.isPending} value={project.duplicates} onChange={({ target }) => change.mutate({ id: project.id, what: { duplicate_call_ids: target.value === 'refuse' ? 'refuse' : 'update' } })}>
          <option value="update">changes the call</option>
          <option value="refuse">is refused with 409</option>
        </Select>
      ),
    },
    {
      id: 'retention',
      label: 'Calls are kept',
      title: 'With their spans, log lines and recordings, from when they began',
      cell: (project) => <Retention name={project.name} days={project.retentionDays} standard="as long as the server keeps any" disabled={!canWrite || change.isPending} onChange={(days) => change.mutate({ id: project.id, what: { retention_days: days } })} />,
    },
  ];
  return (
    <Section title="Projects" note="A key sees one project and nothing of the others.">
      {canCreate && (
        <CreateForm label="Create a project" busy={creation.isPending} error={creation.error} ready={name.trim() !== ''} onSubmit={() => creation.mutate()}>
          <TextField aria-label="Name of the project" placeholder="Name" required value={name} onChange={(event) => setName(event.target.value)} className="w-56" />
        </CreateForm>
      )}
      {change.isError && <p role="alert" className="border-b border-line px-4 py-2 text-bad">{explain(change.error)}</p>}
      <ListOf query={projects} what="The projects" empty="No projects" render={(rows) => <Table label="Projects" align="middle" columns={columns} rows={rows} rowKey={(project) => String(project.id)} />} />
    </Section>
  );
}
