// Users: signing in with a password, one's own account, and what an administrator does.
import { queryOptions } from '@tanstack/react-query';
import { present, type Fields } from '@/base/json';
import { get, post, remove, send, url } from './client';
import { credentials, signInAs, signOut } from './credentials';
import { parsePage } from './parse';
import { iso } from './parse_values';
import type { Me, Role, User } from './settings_types';

export const kRoles: readonly Role[] = ['viewer', 'member', 'admin'];

export function parseUser(fields: Fields): User {
  return present({
    id: fields.requiredNumber('id'),
    name: fields.requiredText('name'),
    projectId: fields.requiredNumber('project_id'),
    role: fields.oneOf('role', kRoles, 'viewer'),
    createdNs: iso(fields, 'created_at'),
    lastSignedInNs: iso(fields, 'last_signed_in_at'),
  });
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) =>
    get('me', [], (fields): Me => {
      const user = fields.object('user');
      return present({ isAdmin: fields.flag('admin'), user: user === undefined ? undefined : parseUser(user) });
    }, signal),
  staleTime: 60_000,
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await get('users', [['limit', '1000']], parsePage(parseUser), signal)).items,
});

export const createUser = (name: string, password: string, role: Role, projectId: number) => post('users', { name, password, role, project_id: projectId }, parseUser);
export const changeRole = (id: number, role: Role) => send('PATCH', url(`users/${id}`), { body: { role } });
export const setPassword = (id: number, password: string) => send('PATCH', url(`users/${id}`), { body: { password } });
export const deleteUser = (id: number) => remove(`users/${id}`);

export async function signInWithPassword(name: string, password: string): Promise<void> {
  const user = await post('sessions', { name, password }, (fields) => parseUser(fields.requiredObject('user')));
  signInAs(user.name);
}

/** Ends the session at the server too; a key is only forgotten. */
export async function signOutHere(): Promise<void> {
  const signedIn = credentials();
  try {
    if (signedIn.state === 'signed_in' && signedIn.by === 'session') await remove('sessions/current');
  } finally {
    signOut();
  }
}

export async function changeOwnPassword(known: string, wanted: string): Promise<void> {
  await send('PATCH', url('me'), { body: { current_password: known, password: wanted } });
  signOut('Your password was changed, and you were signed out everywhere. Sign in with the new one.');
}
