// What is asked about users in more than one place.
import type { JSX } from 'react';
import { kRoles } from '@/api/users';
import type { Role } from '@/api/settings_types';
import { Select, TextField } from '@/widgets/field';

export const kMeaning: Readonly<Record<Role, string>> = {
  viewer: 'reads what is the project’s',
  member: 'reads and changes what is the project’s',
  admin: 'administers every project, its keys and users',
};

export function PasswordField(props: { readonly label: string; readonly autoComplete: 'current-password' | 'new-password'; readonly value: string; readonly onChange: (value: string) => void }): JSX.Element {
  return <TextField type="password" aria-label={props.label} placeholder={props.label} required autoComplete={props.autoComplete} value={props.value} onChange={(event) => props.onChange(event.target.value)} className="w-48" />;
}

export function RoleSelect(props: { readonly label: string; readonly value: Role; readonly disabled?: boolean; readonly onChange: (role: Role) => void }): JSX.Element {
  return (
    <Select aria-label={props.label} title={kMeaning[props.value]} disabled={props.disabled} value={props.value} onChange={({ target }) => props.onChange(kRoles.find((role) => role === target.value) ?? 'viewer')}>
      {kRoles.map((role) => (
        <option key={role} value={role}>
          {role}
        </option>
      ))}
    </Select>
  );
}
