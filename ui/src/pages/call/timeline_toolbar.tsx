import { useEffect, useState, type JSX, type ReactNode } from 'react';
import type { LiveState } from '@/api/live';
import { formatDuration, plural } from '@/base/format';
import type { Ms } from '@/base/units';
import type { TimelineMode } from '@/model/call_view';
import type { ViewportStore } from '@/timeline/viewport';
import { Segmented } from '@/widgets/button';
import { Control } from './player_bar';

interface TimelineToolbarProps {
  readonly mode: TimelineMode;
  readonly onMode: (mode: TimelineMode) => void;
  readonly critical: boolean;
  readonly onCritical: (on: boolean) => void;
  readonly store: ViewportStore;
  /** Where the call ends; the axis goes on a little. */
  readonly end: Ms;
  readonly onZoom: (factor: number) => void;
  readonly spanCount: number;
  readonly outsideCount: number;
  readonly live: LiveState;
  readonly loading: boolean;
  /** What moves the sound, and what finds. */
  readonly player: ReactNode;
  readonly find: ReactNode;
}

export function TimelineToolbar(props: TimelineToolbarProps): JSX.Element {
  const { store } = props;
  return (
    <div className="num flex min-h-9 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-panel px-4 py-1 text-xs">
      {props.player}
      <Divider />
      <Segmented<TimelineMode>
        label="View"
        value={props.mode}
        options={[
          { value: 'lanes', label: 'Lanes' },
          { value: 'tree', label: 'Span tree' },
        ]}
        onChange={props.onMode}
      />
      {props.mode === 'tree' && <Control icon="path" label="Critical path: what the end of the call waited for (p)" pressed={props.critical} onClick={() => props.onCritical(!props.critical)} />}
      <div className="flex items-center" role="group" aria-label="Zoom">
        <Control icon="minus" label="Zoom out (−)" onClick={() => props.onZoom(1 / 1.6)} />
        <Control icon="plus" label="Zoom in (+)" onClick={() => props.onZoom(1.6)} />
        <Control icon="fit" label="Whole call (0)" onClick={() => store.set(store.get().whole())} />
      </div>
      <ViewLength store={store} end={props.end} />
      <Divider />
      {props.find}
      <div className="ml-auto flex items-center gap-3 text-dim">
        {props.outsideCount > 0 && (
          <span className="text-warn" title="Their clock is more than an hour off the call. The tree and the Spans tab list them.">
            {plural(props.outsideCount, 'span')} off the axis
          </span>
        )}
        <span className="hidden lg:inline" title="The solid foot of a bar is the wait for its first token or byte">{props.loading ? `${plural(props.spanCount, 'span')}, loading…` : plural(props.spanCount, 'span')}</span>
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

const Divider = (): JSX.Element => <div className="mx-0.5 h-4 w-px bg-line" aria-hidden="true" />;

/** How much time is in view; changes while zooming without the page rendering. */
function ViewLength({ store, end }: { readonly store: ViewportStore; readonly end: Ms }): JSX.Element {
  const [length, setLength] = useState(0);
  useEffect(() => {
    const read = (): void => {
      const { view } = store.get();
      setLength(Math.max(0, Math.min(view.end, end) - view.start));
    };
    read();
    return store.subscribe(read);
  }, [store, end]);
  return <span className="min-w-14 whitespace-nowrap text-dim" title="Time in view">{formatDuration(length)}</span>;
}
