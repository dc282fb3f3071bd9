import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { serverQuery } from '@/api/queries';
import { deleteView, saveView, viewsQuery, type SavedView } from '@/api/views';
import { callFilterOf, searchOfCallFilter, type CallFilter } from '@/model/call_filter';
import { formatSearchText, parseSearchText } from '@/model/search_text';
import { Button } from '@/widgets/button';
import { TextField } from '@/widgets/field';
import { Icon } from '@/widgets/icon';
import { Popover } from '@/widgets/popover';
import { explain } from '@/widgets/state';

/** Filters kept under a name, for everybody in the project. */
export function SavedViews({ filter, onChange }: { readonly filter: CallFilter; readonly onChange: (filter: CallFilter) => void }): JSX.Element {
  const client = useQueryClient();
  const known = useQuery(viewsQuery);
  const canWrite = useQuery(serverQuery).data?.access === 'read-write';
  const views = known.data ?? [];
  const here = formatSearchText(searchOfCallFilter(filter));
  const current = views.find((view) => view.search === here);
  const renew = (): Promise<void> => client.invalidateQueries({ queryKey: ['views'] });
  const saving = useMutation({ mutationFn: (name: string) => saveView(views, name, here), onSuccess: renew });
  const removal = useMutation({ mutationFn: (view: SavedView) => deleteView(view.id), onSuccess: renew });
  return (
    <Popover
      label="Saved views"
      active={current !== undefined}
      trigger={
        <>
          <Icon name="star" className={`size-3.5 ${current === undefined ? 'text-dim' : 'fill-accent text-accent'}`} />
          {current?.name ?? 'Views'}
        </>
      }
    >
      {(close) => (
        <Choices
          views={views}
          here={here}
          onOpen={(view) => {
            onChange(callFilterOf(parseSearchText(view.search)));
            close();
          }}
          error={known.error ?? saving.error ?? removal.error}
          canWrite={canWrite}
          onSave={(name) => saving.mutate(name)}
          onRemove={(view) => removal.mutate(view)}
        />
      )}
    </Popover>
  );
}

interface ChoicesProps {
  readonly views: readonly SavedView[];
  readonly here: string;
  readonly onOpen: (view: SavedView) => void;
  readonly error: Error | null;
  readonly canWrite: boolean;
  readonly onSave: (name: string) => void;
  readonly onRemove: (view: SavedView) => void;
}

function Choices({ views, here, error, canWrite, onOpen, onSave, onRemove }: ChoicesProps): JSX.Element {
  const [name, setName] = useState('');
  return (
    <div className="flex w-72 flex-col gap-1 p-1">
      {error !== null && <p role="alert" className="px-2 py-1 text-xs text-bad">{explain(error)}</p>}
      {views.length === 0 && error === null && <p className="px-2 py-1 text-xs text-faint">None yet. A view that is saved here is there for everybody in the project.</p>}
      <ul className="max-h-72 overflow-y-auto">
        {views.map((view) => (
          <li key={view.id} className="flex items-center rounded hover:bg-accent/8">
            <button type="button" onClick={() => onOpen(view)} className={`min-w-0 flex-1 truncate px-2 py-1 text-left text-xs ${view.search === here ? 'font-semibold text-accent' : 'text-ink'}`} title={view.search}>
              {view.name}
            </button>
            {canWrite && (
              <button type="button" aria-label={`Remove ${view.name}`} className="grid size-6 shrink-0 place-items-center rounded text-faint hover:text-bad" onClick={() => onRemove(view)}>
                <Icon name="cross" className="size-2.5" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {canWrite && (
        <form
          className="flex gap-1 border-t border-line p-1 pt-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() === '') return;
            onSave(name.trim());
            setName('');
          }}
        >
          <TextField aria-label="Name of the view" placeholder="Name what is shown" value={name} onChange={(event) => setName(event.target.value)} className="min-w-0 flex-1" />
          <Button type="submit" disabled={name.trim() === '' || here === ''} title={here === '' ? 'There is no filter to save' : undefined}>
            Save
          </Button>
        </form>
      )}
    </div>
  );
}
