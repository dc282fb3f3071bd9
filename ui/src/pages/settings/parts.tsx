// What the parts of the settings have in common.
import type { UseQueryResult } from '@tanstack/react-query';
import type { JSX, ReactNode } from 'react';
import type { Project } from '@/api/settings_types';
import { formatDateTime, plural } from '@/base/format';
import type { EpochNs } from '@/base/units';
import { Button } from '@/widgets/button';
import { CodeBlock } from '@/widgets/copy';
import { Dialog } from '@/widgets/dialog';
import { Select } from '@/widgets/field';
import { explain, Failure, Nothing, Skeleton } from '@/widgets/state';

export function CreateForm(props: { readonly label: string; readonly busy: boolean; readonly error: Error | null; readonly ready: boolean; readonly onSubmit: () => void; readonly children: ReactNode }): JSX.Element {
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

export function ProjectSelect({ projects, value, onChange }: { readonly projects: readonly Project[] | undefined; readonly value: number | undefined; readonly onChange: (id: number) => void }): JSX.Element | null {
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

/** How long calls may be kept, as far as the page offers it. */
const kKeptDays = [1, 7, 14, 30, 60, 90, 180, 365, 730] as const;

/** How many days calls are kept; null: as `standard` says. */
export function Retention(props: { readonly name: string; readonly days: number | undefined; readonly standard: string; readonly disabled: boolean; readonly onChange: (days: number | null) => void }): JSX.Element {
  const offered = [...new Set<number>([...kKeptDays, ...(props.days === undefined ? [] : [props.days])])].sort((a, b) => a - b);
  return (
    <Select aria-label={`How long calls of ${props.name} are kept`} disabled={props.disabled} value={props.days ?? ''} onChange={({ target }) => props.onChange(target.value === '' ? null : Number(target.value))}>
      <option value="">{props.standard}</option>
      {offered.map((days) => (
        <option key={days} value={days}>
          {plural(days, 'day')}
        </option>
      ))}
    </Select>
  );
}

export function ListOf<T>(props: { readonly query: Pick<UseQueryResult<readonly T[]>, 'data' | 'error' | 'refetch'>; readonly what: string; readonly empty: string; readonly hint?: string; readonly render: (rows: readonly T[]) => JSX.Element }): JSX.Element {
  const { data, error, refetch } = props.query;
  if (data === undefined) return error === null ? <Skeleton rows={4} label={props.what} /> : <Failure error={error} what={props.what} onRetry={() => void refetch()} />;
  return data.length === 0 ? <Nothing title={props.empty}>{props.hint}</Nothing> : props.render(data);
}

export const dateOf = (time: EpochNs): Date => new Date(Number(time / 1_000_000n));
export const when = (time: EpochNs | undefined): string => (time === undefined ? '' : formatDateTime(dateOf(time)).slice(0, 16));

/** A secret on the one occasion that it can be seen. */
export function ShownOnce({ secret, what, onClose }: { readonly secret: string | undefined; readonly what: string; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog open={secret !== undefined} onClose={onClose} title={`Copy the ${what} now`} description="It can’t be shown again.">
      {secret !== undefined && <CodeBlock code={secret} label={what} />}
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={onClose}>Done</Button>
      </div>
    </Dialog>
  );
}

interface ConfirmProps {
  readonly open: boolean;
  readonly title: string;
  readonly description: string;
  readonly action: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

/** Asks before something that can’t be undone. */
export function Confirm(props: ConfirmProps): JSX.Element {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={props.title} description={props.description}>
      {props.error !== null && <p role="alert" className="mb-3 text-bad">{explain(props.error)}</p>}
      <div className="flex justify-end gap-2">
        <Button onClick={props.onClose}>Keep it</Button>
        <Button look="danger" disabled={props.busy} onClick={props.onConfirm}>{props.action}</Button>
      </div>
    </Dialog>
  );
}
