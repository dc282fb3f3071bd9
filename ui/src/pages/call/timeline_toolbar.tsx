import { useEffect, useState, type JSX, type Ref } from 'react';
import type { LiveState } from '@/api/live';
import { formatDuration, plural } from '@/base/format';
import type { TimelineMode } from '@/model/call_view';
import type { ViewportStore } from '@/timeline/viewport';
import { Segmented } from '@/widgets/button';
import { TextField } from '@/widgets/field';
import { Icon, type IconName } from '@/widgets/icon';

interface TimelineToolbarProps {
  readonly mode: TimelineMode;
  readonly onMode: (mode: TimelineMode) => void;
  readonly store: ViewportStore;
  readonly onZoom: (factor: number) => void;
  readonly spanCount: number;
  readonly outsideCount: number;
  readonly live: LiveState;
  readonly loading: boolean;
  readonly find: string;
  readonly findRef: Ref<HTMLInputElement>;
  readonly matchCount: number | undefined;
  readonly matchAt: number | undefined;
  readonly onFind: (text: string) => void;
  readonly onStep: (step: 1 | -1) => void;
}

export function TimelineToolbar(props: TimelineToolbarProps): JSX.Element {
  const { store } = props;
  return (
    <div className="num flex h-9 shrink-0 items-center gap-2 border-b border-line bg-panel px-4 text-xs">
      <Segmented<TimelineMode>
        label="View"
        value={props.mode}
        options={[
          { value: 'lanes', label: 'Lanes' },
          { value: 'tree', label: 'Span tree' },
        ]}
        onChange={props.onMode}
      />
      <div className="flex items-center" role="group" aria-label="Zoom">
        <Tool icon="minus" label="Zoom out (−)" onClick={() => props.onZoom(1 / 1.6)} />
        <Tool icon="plus" label="Zoom in (+)" onClick={() => props.onZoom(1.6)} />
        <Tool icon="fit" label="Whole call (0)" onClick={() => store.set(store.get().whole())} />
      </div>
      <ViewLength store={store} />
      <div className="mx-1 h-4 w-px bg-line" />
      <label className="relative">
        <span className="sr-only">Find spans</span>
        <Icon name="search" className="pointer-events-none absolute top-1.5 left-2 size-3.5 text-faint" />
        <TextField
          ref={props.findRef}
          type="search"
          placeholder="Find spans: name, model, tool…"
          value={props.find}
          onChange={(event) => props.onFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            props.onStep(event.shiftKey ? -1 : 1);
          }}
          className="w-56 pl-7!"
        />
      </label>
      {props.matchCount !== undefined && (
        <span className="flex items-center gap-1 text-dim" role="status">
          {props.matchCount === 0 ? 'no match' : `${props.matchAt === undefined ? '–' : props.matchAt + 1}/${props.matchCount}`}
          <Tool icon="up" label="Previous match (N)" onClick={() => props.onStep(-1)} />
          <Tool icon="down" label="Next match (n)" onClick={() => props.onStep(1)} />
        </span>
      )}
      <div className="ml-auto flex items-center gap-4 text-dim">
        {props.outsideCount > 0 && (
          <span className="text-warn" title="Their clock is more than an hour off the call. The tree and the Spans tab list them.">
            {plural(props.outsideCount, 'span')} off the axis
          </span>
        )}
        <span className="hidden items-center gap-1.5 text-faint xl:flex" title="The solid foot of a bar is the wait for its first token or byte">
          <span className="inline-block h-2.5 w-6 border-b-[3px] border-kind-llm bg-kind-llm/20" /> wait for first result
        </span>
        <span>{props.loading ? `${plural(props.spanCount, 'span')}, loading…` : plural(props.spanCount, 'span')}</span>
        {props.live === 'streaming' && (
          <span className="inline-flex items-center gap-1.5 font-medium text-good">
            <span className="breathing size-1.5 rounded-full bg-good" /> live
          </span>
        )}
        {props.live === 'polling' && <span className="text-warn" title="The event stream is not to be had; asking every 2 s">live, by polling</span>}
      </div>
    </div>
  );
}

function Tool({ icon, label, onClick }: { readonly icon: IconName; readonly label: string; readonly onClick: () => void }): JSX.Element {
  return (
    <button type="button" title={label} aria-label={label} onClick={onClick} className="grid size-6 place-items-center rounded text-dim hover:bg-line/70 hover:text-ink">
      <Icon name={icon} />
    </button>
  );
}

/** How much time is in view; changes while zooming without the page rendering. */
function ViewLength({ store }: { readonly store: ViewportStore }): JSX.Element {
  const [length, setLength] = useState(() => store.get().length);
  useEffect(() => {
    const read = (): void => setLength(store.get().length);
    read();
    return store.subscribe(read);
  }, [store]);
  return <span className="w-16 text-dim" title="Time in view">{formatDuration(length)}</span>;
}
