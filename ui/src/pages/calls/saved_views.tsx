import { useState, useSyncExternalStore, type JSX } from 'react';
import { preference } from '@/base/preference';
import { callFilterOf, searchOfCallFilter, type CallFilter } from '@/model/call_filter';
import { parseViews, withoutView, withView, type SavedView } from '@/model/saved_views';
import { formatSearchText, parseSearchText } from '@/model/search_text';
import { Button } from '@/widgets/button';
import { TextField } from '@/widgets/field';
import { Icon } from '@/widgets/icon';
import { Popover } from '@/widgets/popover';

const stored = preference('views', (value): value is string => value.startsWith('['), '[]');

/** Filters kept under a name, in this browser. */
export function SavedViews({ filter, onChange }: { readonly filter: CallFilter; readonly onChange: (filter: CallFilter) => void }): JSX.Element {
  const text = useSyncExternalStore(
    (listener) => stored.subscribe(listener),
    () => stored.get(),
  );
  const views = parseViews(text);
  const here = formatSearchText(searchOfCallFilter(filter));
  const current = views.find((view) => view.search === here);
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
          onSave={(name) => stored.set(JSON.stringify(withView(views, name, searchOfCallFilter(filter))))}
          onRemove={(name) => stored.set(JSON.stringify(withoutView(views, name)))}
        />
      )}
    </Popover>
  );
}

interface ChoicesProps {
  readonly views: readonly SavedView[];
  readonly here: string;
  readonly onOpen: (view: SavedView) => void;
  readonly onSave: (name: string) => void;
  readonly onRemove: (name: string) => void;
}

function Choices({ views, here, onOpen, onSave, onRemove }: ChoicesProps): JSX.Element {
  const [name, setName] = useState('');
  return (
    <div className="flex w-72 flex-col gap-1 p-1">
      {views.length === 0 && <p className="px-2 py-1 text-xs text-faint">None yet. They are kept in this browser.</p>}
      <ul className="max-h-72 overflow-y-auto">
        {views.map((view) => (
          <li key={view.name} className="flex items-center rounded hover:bg-accent/8">
            <button type="button" onClick={() => onOpen(view)} className={`min-w-0 flex-1 truncate px-2 py-1 text-left text-xs ${view.search === here ? 'font-semibold text-accent' : 'text-ink'}`} title={view.search}>
              {view.name}
            </button>
            <button type="button" aria-label={`Remove ${view.name}`} className="grid size-6 shrink-0 place-items-center rounded text-faint hover:text-bad" onClick={() => onRemove(view.name)}>
              <Icon name="cross" className="size-2.5" />
            </button>
          </li>
        ))}
      </ul>
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
    </div>
  );
}
