import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState, type JSX } from 'react';
import { ApiError } from '@/api/client';
import type { LiveState } from '@/api/live';
import { deleteCall } from '@/api/queries';
import type { Call, Span } from '@/api/types';
import { preference } from '@/base/preference';
import { ms, type Interval } from '@/base/units';
import { CallSpans, type SpanIndex } from '@/model/call_spans';
import { callViewOf, searchOfCallView, type CallTab, type CallView, type Selection } from '@/model/call_view';
import { layOutLanes } from '@/model/lanes';
import { matchSpans, nextMarked } from '@/model/span_search';
import { slowestTurn } from '@/model/turn_latency';
import { lanesHeight, Timeline } from '@/timeline/timeline';
import { Viewport, ViewportStore } from '@/timeline/viewport';
import { Button } from '@/widgets/button';
import { copyText } from '@/widgets/copy';
import { Dialog } from '@/widgets/dialog';
import { useKeys } from '@/widgets/keys';
import { Splitter } from '@/widgets/splitter';
import { explain, Failure, Nothing, Skeleton } from '@/widgets/state';
import { Tabs } from '@/widgets/tabs';
import { useReplaceSearch, useSearchText } from '../address';
import { listSearch, neighbours } from '../list_memory';
import { AboutPanel } from './about_panel';
import { CallHeader } from './call_header';
import { CallOverview } from './call_overview';
import { LogsPanel } from './logs_panel';
import { ModelsPanel } from './models_panel';
import { SpanInspector } from './span_inspector';
import { SpansPanel } from './spans_panel';
import { TimelineToolbar } from './timeline_toolbar';
import { ToolInspector } from './tool_inspector';
import { ToolsPanel } from './tools_panel';
import { TurnInspector } from './turn_inspector';
import { TurnsPanel } from './turns_panel';
import { useLiveCall } from './use_live_call';

const kAddressMs = 300;
const kInspectorPx = 460;
const kTreeShare = 0.5;
const kBoundsMargin = 0.01;

const isSize = (value: string): value is string => /^\d*$/.test(value);
const treeHeight = preference('tree_height', isSize, '');
const lanesHeightChosen = preference('lanes_height', isSize, '');
const inspectorWidth = preference('inspector_width', isSize, '');

export function CallPage(): JSX.Element {
  const id = Number(useParams({ strict: false, select: (params: { readonly callId?: string }) => params.callId }));
  return Number.isSafeInteger(id) ? <LoadedCall key={id} id={id} /> : <Nothing title="A call’s id is a number" />;
}

function LoadedCall({ id }: { readonly id: number }): JSX.Element {
  const { call, spans, spansQuery, live } = useLiveCall(id);
  useEffect(() => {
    document.title = `${call.data?.agentName ?? 'Call'} ${id} · Callscope`;
  }, [call.data?.agentName, id]);
  if (call.isPending) return <Skeleton rows={16} label="call" />;
  if (call.data === undefined) {
    const missing = call.error instanceof ApiError && call.error.status === 404;
    return missing ? <Nothing title="There is no such call">It may have been deleted, or removed as it grew old.</Nothing> : <Failure error={call.error} what="The call" onRetry={() => void call.refetch()} />;
  }
  return <CallScreen call={call.data} spans={spans} spansLoading={spansQuery.isPending} spansError={spansQuery.error ?? undefined} onRetrySpans={() => void spansQuery.refetch()} live={live} />;
}

interface CallScreenProps {
  readonly call: Call;
  readonly spans: readonly Span[];
  readonly spansLoading: boolean;
  readonly spansError: Error | undefined;
  readonly onRetrySpans: () => void;
  readonly live: LiveState;
}

function CallScreen({ call, spans: loaded, spansLoading, spansError, onRetrySpans, live }: CallScreenProps): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const navigate = useNavigate();
  const view = useMemo(() => callViewOf(search), [search]);
  const change = useCallback((next: Partial<CallView>) => replaceSearch((current) => searchOfCallView({ ...callViewOf(current), ...next })), [replaceSearch]);

  const length = (call.durationS ?? 0) * 1000;
  const spans = useMemo(() => new CallSpans(loaded, call.startedAt, call.tools), [loaded, call.startedAt, call.tools]);
  const axis = useMemo(() => spans.axis(ms(length)), [spans, length]);
  const bounds = useMemo(() => padded(axis.bounds), [axis]);
  const lanes = useMemo(() => layOutLanes(spans), [spans]);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => spans.rows(collapsed), [spans, collapsed]);
  const matches = useMemo(() => matchSpans(spans, view.find), [spans, view.find]);
  const store = useViewport(bounds, view.range, change);
  const findField = useRef<HTMLInputElement>(null);
  const [deleting, setDeleting] = useState(false);

  const { selection } = view;
  const selectedSpan = selection.type === 'span' ? spans.find(selection.spanId) : undefined;
  const selectedTool = selectedSpan !== undefined && spans.placement(selectedSpan) === 'synthetic' ? call.tools[spans.toolOf(selectedSpan)] : undefined;
  const selectedTurn = selection.type === 'turn' ? call.turns.find((turn) => turn.index === selection.index) : undefined;

  const select = useCallback((next: Selection) => change({ selection: next }), [change]);
  const goToSpan = useCallback(
    (spanId: string) => {
      const index = spans.find(spanId);
      if (index !== undefined) {
        store.set(store.get().revealing(spans.interval(index)));
        const above = spans.ancestors(index).map((ancestor) => spans.span(ancestor).spanId);
        setCollapsed((known) => (above.some((ancestor) => known.has(ancestor)) ? new Set([...known].filter((ancestor) => !above.includes(ancestor))) : known));
      }
      change({ selection: { type: 'span', spanId } });
    },
    [spans, store, change],
  );
  const goToTurn = useCallback(
    (index: number) => {
      const turn = call.turns.find((candidate) => candidate.index === index);
      if (turn !== undefined) store.set(store.get().revealing(turn));
      change({ selection: { type: 'turn', index } });
    },
    [call.turns, store, change],
  );
  const goToIndex = (index: number | undefined): void => {
    if (index !== undefined) goToSpan(spans.span(index as SpanIndex).spanId);
  };
  const toggle = useCallback((spanId: string) => setCollapsed((known) => (known.has(spanId) ? new Set([...known].filter((other) => other !== spanId)) : new Set([...known, spanId]))), []);

  const zoom = (factor: number): void => {
    const { view: seen } = store.get();
    const target = selectedSpan === undefined ? undefined : spans.interval(selectedSpan);
    const at = target !== undefined && target.start >= seen.start && target.end <= seen.end ? (target.start + target.end) / 2 : (seen.start + seen.end) / 2;
    store.set(store.get().zoomedAt(ms(at), factor));
  };
  const zoomToSelection = (): void => {
    if (selectedSpan !== undefined) store.set(store.get().showing(spans.interval(selectedSpan), 0.25));
    else if (selectedTurn !== undefined) store.set(store.get().showing(selectedTurn, 0.06));
  };
  const stepTurn = (step: 1 | -1): void => {
    const current = selectedTurn?.index ?? (selectedSpan === undefined ? undefined : spans.span(selectedSpan).turnIndex);
    const at = call.turns.findIndex((turn) => turn.index === current);
    const next = call.turns[at === -1 ? (step === 1 ? 0 : call.turns.length - 1) : at + step];
    if (next !== undefined) goToTurn(next.index);
  };
  const stepRow = (step: 1 | -1): void => {
    const order = view.mode === 'tree' ? rows : undefined;
    const at = selectedSpan === undefined ? -1 : (order?.indexOf(selectedSpan) ?? selectedSpan);
    const next = at === -1 ? (step === 1 ? 0 : spans.spans.length - 1) : at + step;
    goToIndex(order === undefined ? (next >= 0 && next < spans.spans.length ? next : undefined) : order[next]);
  };
  const stepMatch = (step: 1 | -1): void => goToIndex(matches === undefined ? undefined : nextMarked((index) => matches[index] === 1, spans.spans.length, selectedSpan, step));
  const stepError = (step: 1 | -1): void => goToIndex(nextMarked((index) => spans.spans[index]!.isError, spans.spans.length, selectedSpan, step));
  const sideways = (step: 1 | -1): void => {
    if (view.mode === 'lanes') {
      store.set(store.get().pannedBy(ms(store.get().length * 0.2 * step)));
      return;
    }
    if (selectedSpan === undefined) return;
    const { spanId } = spans.span(selectedSpan);
    const parent = spans.parent(selectedSpan);
    const closed = collapsed.has(spanId);
    if (step === 1 && closed) toggle(spanId);
    else if (step === -1 && spans.hasChildren(selectedSpan) && !closed) toggle(spanId);
    else if (step === -1) goToIndex(parent);
  };
  const openNeighbour = (which: 'newer' | 'older'): void => {
    const other = neighbours(call.id)[which];
    if (other !== undefined) void navigate({ to: '/calls/$callId', params: { callId: String(other) }, search: {} });
  };

  const matchTotal = useMemo(() => matches?.reduce((sum, mark) => sum + mark, 0), [matches]);
  const matchAt = selectedSpan === undefined || matches?.[selectedSpan] !== 1 ? undefined : matches.subarray(0, selectedSpan).reduce((sum, mark) => sum + mark, 0);
  const failed = call.tools.filter((tool) => tool.isError).length;
  const tabs = useMemo(
    () => [
      { id: 'turns' as const, label: 'Turns', count: String(call.turns.length) },
      { id: 'tools' as const, label: 'Tools', count: failed > 0 ? `${call.tools.length}, ${failed} failed` : String(call.tools.length), bad: failed > 0 },
      { id: 'models' as const, label: 'Models and cost', count: String(call.models.length) },
      { id: 'spans' as const, label: 'Spans', count: String(matchTotal ?? spans.realCount) },
      { id: 'logs' as const, label: 'Logs' },
      { id: 'about' as const, label: 'About' },
    ],
    [call.turns.length, call.tools.length, call.models.length, failed, matchTotal, spans.realCount],
  );
  const openTab = (tab: CallTab): void => change({ tab });

  useKeys({
    Escape: () => {
      if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
      else if (selection.type !== 'none') select({ type: 'none' });
      else if (view.find !== '') change({ find: '' });
      else void navigate({ to: '/', search: listSearch() });
    },
    '/': () => findField.current?.focus(),
    j: () => stepTurn(1),
    k: () => stepTurn(-1),
    ArrowDown: () => stepRow(1),
    ArrowUp: () => stepRow(-1),
    ArrowRight: () => sideways(1),
    ArrowLeft: () => sideways(-1),
    n: () => stepMatch(1),
    N: () => stepMatch(-1),
    e: () => stepError(1),
    E: () => stepError(-1),
    s: () => {
      const slowest = slowestTurn(call.turns);
      if (slowest !== undefined) goToTurn(slowest.index);
    },
    w: () => change({ mode: view.mode === 'lanes' ? 'tree' : 'lanes' }),
    '+': () => zoom(1.6),
    '=': () => zoom(1.6),
    '-': () => zoom(1 / 1.6),
    z: zoomToSelection,
    '0': () => store.set(store.get().whole()),
    c: () => {
      if (selectedSpan !== undefined) void copyText(spans.span(selectedSpan).spanId);
      else if (call.callId !== undefined) void copyText(call.callId);
    },
    '[': () => openNeighbour('newer'),
    ']': () => openNeighbour('older'),
    ...Object.fromEntries(tabs.map((tab, at) => [String(at + 1), () => openTab(tab.id)])),
  });

  // Panel sizes: the lanes ask for what they need, the tree for half, until the reader decides.
  const body = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 1200, height: 700 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry !== undefined && setRoom({ width: entry.contentRect.width, height: entry.contentRect.height }));
    observer.observe(body.current!);
    return () => observer.disconnect();
  }, []);
  const heights = view.mode === 'tree' ? treeHeight : lanesHeightChosen;
  const [chosenHeights, setChosenHeights] = useState({ tree: treeHeight.get(), lanes: lanesHeightChosen.get() });
  const [chosenWidth, setChosenWidth] = useState(inspectorWidth.get());
  const wanted = chosenHeights[view.mode] === '' ? (view.mode === 'tree' ? room.height * kTreeShare : lanesHeight(lanes)) : Number(chosenHeights[view.mode]);
  const heightMax = Math.max(180, room.height - 160);
  const timelineHeight = Math.min(wanted, heightMax);
  const sideWidth = Math.min(chosenWidth === '' ? Math.min(kInspectorPx, room.width * 0.4) : Number(chosenWidth), room.width - 320);
  const setHeight = (size: string): void => {
    heights.set(size);
    setChosenHeights((known) => ({ ...known, [view.mode]: size }));
  };
  const setWidth = (size: string): void => {
    inspectorWidth.set(size);
    setChosenWidth(size);
  };

  return (
    <div className="flex h-full min-h-0 flex-col">
      <CallHeader call={call} onTurn={goToTurn} onSpan={goToSpan} onTools={() => openTab('tools')} onDelete={() => setDeleting(true)} />
      <TimelineToolbar
        mode={view.mode}
        onMode={(mode) => change({ mode })}
        store={store}
        onZoom={zoom}
        spanCount={spans.realCount}
        outsideCount={axis.outsideCount}
        live={live}
        loading={spansLoading}
        find={view.find}
        findRef={findField}
        matchCount={matchTotal}
        matchAt={matchAt}
        onFind={(find) => change({ find })}
        onStep={stepMatch}
      />
      <div ref={body} className="flex min-h-0 flex-1 flex-col">
        <div className="shrink-0" style={{ height: timelineHeight }}>
          {spansError !== undefined && spans.spans.length === 0 ? (
            <Failure error={spansError} what="The spans" onRetry={onRetrySpans} />
          ) : (
            <Timeline
              call={spans}
              bounds={bounds}
              turns={call.turns}
              lanes={lanes}
              rows={rows}
              mode={view.mode}
              selection={selection}
              collapsed={collapsed}
              matches={matches}
              store={store}
              onSelect={select}
              onToggle={toggle}
            />
          )}
        </div>
        <Splitter label="Height of the timeline" direction="rows" size={timelineHeight} min={140} max={heightMax} sizes="before" onSize={(size) => setHeight(String(size))} onReset={() => setHeight('')} />
        <div className="flex min-h-0 flex-1">
          <section aria-label="Details of the call" className="flex min-w-0 flex-1 flex-col">
            <Tabs label="Details of the call" tabs={tabs} value={view.tab} onChange={openTab} />
            {view.tab === 'turns' && <TurnsPanel turns={call.turns} tools={call.tools} selected={selectedTurn?.index ?? (selectedSpan === undefined ? undefined : spans.span(selectedSpan).turnIndex)} onTurn={goToTurn} onSpan={goToSpan} />}
            {view.tab === 'tools' && <ToolsPanel tools={call.tools} selectedSpan={selection.type === 'span' ? selection.spanId : undefined} onSpan={goToSpan} onTurn={goToTurn} />}
            {view.tab === 'models' && <ModelsPanel call={call} />}
            {view.tab === 'spans' && <SpansPanel call={spans} matches={matches} selected={selectedSpan} onSpan={goToSpan} />}
            {view.tab === 'logs' && <LogsPanel id={call.id} origin={call.startedAt} onSpan={goToSpan} />}
            {view.tab === 'about' && <AboutPanel call={call} />}
          </section>
          <Splitter label="Width of the inspector" direction="columns" size={sideWidth} min={300} max={Math.max(300, room.width - 320)} sizes="after" onSize={(size) => setWidth(String(size))} onReset={() => setWidth('')} />
          <aside aria-label="Inspector" className="flex min-h-0 shrink-0 flex-col" style={{ width: sideWidth }}>
            {selectedTool !== undefined ? (
              <ToolInspector tool={selectedTool} onSpan={goToSpan} onTurn={goToTurn} onZoom={zoomToSelection} />
            ) : selectedSpan !== undefined ? (
              <SpanInspector key={spans.span(selectedSpan).spanId} call={spans} index={selectedSpan} origin={call.startedAt} onSpan={goToSpan} onTurn={goToTurn} onZoom={zoomToSelection} />
            ) : selection.type === 'span' ? (
              spansLoading ? <Skeleton label="span" /> : <Nothing title="This span is not here">{selection.spanId} is not among the spans of this call.</Nothing>
            ) : selectedTurn !== undefined ? (
              <TurnInspector turn={selectedTurn} tools={call.tools.filter((tool) => tool.turnIndex === selectedTurn.index)} call={spans} onSpan={goToSpan} onZoom={zoomToSelection} />
            ) : (
              <CallOverview call={call} onTurn={goToTurn} />
            )}
          </aside>
        </div>
      </div>
      <DeleteDialog call={call} open={deleting} onClose={() => setDeleting(false)} />
    </div>
  );
}

/** The viewport of this call, kept in step with the bounds of a growing call and with the address. */
function useViewport(bounds: Interval, range: Interval | undefined, change: (view: Partial<CallView>) => void): ViewportStore {
  const [store] = useState(() => new ViewportStore(Viewport.whole(bounds)));
  const start = range?.start;
  const end = range?.end;
  const written = useRef<string | undefined>(undefined);

  useEffect(() => {
    const grown = store.get().withBounds(bounds);
    const text = start === undefined || end === undefined ? '' : `${start},${end}`;
    // The address leads, unless it only says what was written into it from here.
    if (text === written.current) store.set(grown);
    else store.set(start === undefined || end === undefined ? grown.whole() : grown.showing({ start, end }));
    written.current = text;
  }, [store, bounds, start, end]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = (): void => {
      const { view, isWhole } = store.get();
      const next = isWhole ? undefined : { start: ms(Math.round(view.start * 1000) / 1000), end: ms(Math.round(view.end * 1000) / 1000) };
      const text = next === undefined ? '' : `${next.start},${next.end}`;
      if (text === written.current) return;
      written.current = text;
      change({ range: next } as Partial<CallView>);
    };
    const stop = store.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(write, kAddressMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, change]);
  return store;
}

/** Leaves room at the end, so that the label of the last bar can be read. */
const padded = (bounds: Interval): Interval => ({ start: bounds.start, end: ms(bounds.end + (bounds.end - bounds.start) * kBoundsMargin) });

function DeleteDialog({ call, open, onClose }: { readonly call: Call; readonly open: boolean; readonly onClose: () => void }): JSX.Element {
  const client = useQueryClient();
  const navigate = useNavigate();
  const deletion = useMutation({
    mutationFn: (others: 'keep' | 'delete') => deleteCall(call.id, others),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['calls'] });
      void navigate({ to: '/', search: listSearch() });
    },
  });
  const shares = deletion.error instanceof ApiError && deletion.error.status === 409;
  return (
    <Dialog open={open} onClose={onClose} title="Delete this call?" description="Its spans, logs and totals are removed for good, here and from analytics. Others who look at it lose it at once.">
      {deletion.isError && <p role="alert" className="mb-3 text-bad">{explain(deletion.error)}</p>}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" disabled={deletion.isPending} onClick={() => deletion.mutate(shares ? 'delete' : 'keep')}>
          {deletion.isPending ? 'Deleting…' : shares ? 'Delete all of them' : 'Delete the call'}
        </Button>
      </div>
    </Dialog>
  );
}
