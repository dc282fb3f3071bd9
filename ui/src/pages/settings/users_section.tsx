import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { projectsQuery } from '@/api/administration';
import type { Role, User } from '@/api/settings_types';
import { changeRole, createUser, deleteUser, meQuery, setPassword, usersQuery } from '@/api/users';
import { formatAgo } from '@/base/format';
import { Badge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { Dialog } from '@/widgets/dialog';
import { TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';
import { Confirm, CreateForm, dateOf, ListOf, ProjectSelect, when } from './parts';
import { kMeaning, PasswordField, RoleSelect } from './user_fields';

/** For administrators. */
export function Users(): JSX.Element {
  const client = useQueryClient();
  const users = useQuery(usersQuery);
  const projects = useQuery(projectsQuery);
  const me = useQuery(meQuery);
  const [leaving, setLeaving] = useState<User | undefined>(undefined);
  const [forgetful, setForgetful] = useState<User | undefined>(undefined);
  const renew = (): void => void client.invalidateQueries({ queryKey: ['users'] });
  const change = useMutation({ mutationFn: ({ id, role }: { readonly id: number; readonly role: Role }) => changeRole(id, role), onSettled: renew });
  const removal = useMutation({
    mutationFn: (id: number) => deleteUser(id),
    onSuccess: () => {
      setLeaving(undefined);
      renew();
    },
  });
  const admins = users.data?.filter((user) => user.role === 'admin').length ?? 0;
  const isLastAdmin = (user: User): boolean => user.role === 'admin' && admins === 1;
  const kLast = 'The last administrator stays one: make another first';
  const columns: readonly Column<User>[] = [
    {
      id: 'name',
      label: 'Name',
      cell: (user) => (
        <span className="flex items-center gap-2 font-medium text-ink">
          {user.name}
          {user.id === me.data?.user?.id && <Badge tone="accent">you</Badge>}
        </span>
      ),
    },
    {
      id: 'role',
      label: 'Role',
      cell: (user) => (
        <span title={isLastAdmin(user) ? kLast : undefined}>
          <RoleSelect label={`Role of ${user.name}`} value={user.role} disabled={change.isPending || isLastAdmin(user)} onChange={(role) => change.mutate({ id: user.id, role })} />
        </span>
      ),
    },
    { id: 'project', label: 'Project', cell: (user) => (user.role === 'admin' ? 'every project' : projects.data?.find((project) => project.id === user.projectId)?.name ?? '') },
    { id: 'created', label: 'Added', cell: (user) => <span className="whitespace-nowrap text-dim">{when(user.createdNs)}</span> },
    { id: 'seen', label: 'Last signed in', cell: (user) => <span className="whitespace-nowrap text-dim">{user.lastSignedInNs === undefined ? 'never' : formatAgo(dateOf(user.lastSignedInNs), new Date())}</span> },
    {
      id: 'actions',
      label: '',
      align: 'right',
      cell: (user) => (
        <span className="flex justify-end gap-3 whitespace-nowrap">
          <button type="button" className="text-accent hover:underline" onClick={() => setForgetful(user)}>
            Set password
          </button>
          <button type="button" disabled={isLastAdmin(user)} title={isLastAdmin(user) ? kLast : undefined} className="text-bad enabled:hover:underline disabled:cursor-not-allowed disabled:text-faint" onClick={() => setLeaving(user)}>
            Remove
          </button>
        </span>
      ),
    },
  ];
  return (
    <Section title="Users" note="People who sign in with a password. Agents send with keys.">
      <NewUser onMade={renew} />
      {change.isError && <p role="alert" className="border-b border-line px-4 py-2 text-bad">{explain(change.error)}</p>}
      <ListOf query={users} what="The users" empty="No users yet" hint="Everybody signs in with a key. Add yourself as admin first." render={(rows) => <Table label="Users" align="middle" columns={columns} rows={rows} rowKey={(user) => String(user.id)} />} />
      <NewPassword user={forgetful} onClose={() => setForgetful(undefined)} />
      <Confirm
        open={leaving !== undefined}
        title={`Remove ${leaving?.name ?? 'the user'}?`}
        description="They are signed out at once and can’t sign in again. What they did stays."
        action="Remove the user"
        busy={removal.isPending}
        error={removal.error}
        onClose={() => setLeaving(undefined)}
        onConfirm={() => leaving !== undefined && removal.mutate(leaving.id)}
      />
    </Section>
  );
}

function NewUser({ onMade }: { readonly onMade: () => void }): JSX.Element {
  const projects = useQuery(projectsQuery);
  const [name, setName] = useState('');
  const [password, setPasswordText] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [projectId, setProjectId] = useState<number | undefined>(undefined);
  const creation = useMutation({
    mutationFn: () => createUser(name.trim(), password, role, projectId ?? projects.data?.[0]?.id ?? 1),
    onSuccess: () => {
      setName('');
      setPasswordText('');
      onMade();
    },
  });
  return (
    <CreateForm label="Add a user" busy={creation.isPending} error={creation.error} ready={name.trim() !== '' && password !== ''} onSubmit={() => creation.mutate()}>
      <TextField aria-label="Name or e-mail of the user" placeholder="Name or e-mail" required value={name} onChange={(event) => setName(event.target.value)} className="w-48" />
      <PasswordField label="Password of the user" autoComplete="new-password" value={password} onChange={setPasswordText} />
      <RoleSelect label="Role" value={role} onChange={setRole} />
      {role !== 'admin' && <ProjectSelect projects={projects.data} value={projectId} onChange={setProjectId} />}
      <span className="text-dim">{kMeaning[role]}</span>
    </CreateForm>
  );
}

function NewPassword({ user, onClose }: { readonly user: User | undefined; readonly onClose: () => void }): JSX.Element {
  const [text, setText] = useState('');
  const close = (): void => {
    setText('');
    onClose();
  };
  const change = useMutation({ mutationFn: (id: number) => setPassword(id, text), onSuccess: close });
  return (
    <Dialog open={user !== undefined} onClose={close} title={`Set the password of ${user?.name ?? ''}`} description="At least ten characters. All their sessions end.">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (user !== undefined) change.mutate(user.id);
        }}
      >
        <PasswordField label="New password" autoComplete="new-password" value={text} onChange={setText} />
        {change.isError && <p role="alert" className="text-bad">{explain(change.error)}</p>}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="primary" disabled={change.isPending || text === ''}>Set the password</Button>
        </div>
      </form>
    </Dialog>
  );
}
