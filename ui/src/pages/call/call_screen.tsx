import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState, type JSX } from 'react';
import type { LiveState } from '@/api/live';
import { logsQuery } from '@/api/queries';
import type { Call, LogLine, Span, Turn } from '@/api/types';
import { ms, msSince, type EpochNs, type Interval, type Ms } from '@/base/units';
import { isAligned, lengthBesidesSpans } from '@/model/audio_clock';
import type { Hit } from '@/model/call_search';
import { CallSpans, type SpanIndex } from '@/model/call_spans';
import { callViewOf, searchOfCallView, type CallTab, type CallView, type Selection } from '@/model/call_view';
import { criticalPath } from '@/model/critical_path';
import { heardTurns, wordsStart } from '@/model/heard_times';
import { layOutLanes } from '@/model/lanes';
import { severityOf } from '@/model/log_severity';
import { nextMarked } from '@/model/next_marked';
import { withTurns } from '@/model/span_turns';
import { transcriptRows } from '@/model/transcript';
import { slowestTurn } from '@/model/turn_latency';
import { kMinimapPx, type LogTick } from '@/timeline/scene';
import { headerLayout, lanesHeight, Timeline } from '@/timeline/timeline';
import { kRates } from '@/waveform/player';
import { copyText } from '@/widgets/copy';
import { useKeys } from '@/widgets/keys';
import { Splitter } from '@/widgets/splitter';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { TabPanel, Tabs } from '@/widgets/tabs';
import { useReplaceSearch, useSearchText } from '../address';
import { listSearch, neighbours } from '../list_memory';
import { AboutPanel } from './about_panel';
import { CallHeader } from './call_header';
import { CallOverview } from './call_overview';
import { DeleteDialog } from './delete_dialog';
import { FindBox } from './find_box';
import { LogsPanel } from './logs_panel';
import { ModelsPanel } from './models_panel';
import { PlayerBar } from './player_bar';
import { SpanInspector } from './span_inspector';
import { SpansPanel } from './spans_panel';
import { TimelineToolbar } from './timeline_toolbar';
import { ToolInspector } from './tool_inspector';
import { ToolsPanel } from './tools_panel';
import { TranscriptPanel } from './transcript_panel';
import { TurnInspector } from './turn_inspector';
import { useCallSearch } from './use_call_search';
import { usePanelSizes } from './use_panel_sizes';
import { recordingNote, usePlayback } from './use_playback';
import { useViewport } from './use_viewport';

const kBoundsMargin = 0.01;
const kNoLogs: readonly LogLine[] = [];

interface CallScreenProps {
  readonly call: Call;
  readonly spans: readonly Span[];
  readonly spansLoading: boolean;
  readonly spansError: Error | undefined;
  readonly onRetrySpans: () => void;
  readonly live: LiveState;
}

export function CallScreen({ call, spans: loaded, spansLoading, spansError, onRetrySpans, live }: CallScreenProps): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const navigate = useNavigate();
  const view = useMemo(() => callViewOf(search), [search]);
  const change = useCallback(
    (next: Partial<CallView> | ((known: CallView) => Partial<CallView>)) =>
      replaceSearch((current) => {
        const known = callViewOf(current);
        return searchOfCallView({ ...known, ...(typeof next === 'function' ? next(known) : next) });
      }),
    [replaceSearch],
  );

  const length = useMemo(() => lengthBesidesSpans(call), [call]);
  const spans = useMemo(() => new CallSpans(withTurns(loaded, call.turns), call.startedAt, call.tools), [loaded, call.turns, call.startedAt, call.tools]);
  const axis = useMemo(() => spans.axis(length), [spans, length]);
  const bounds = useMemo(() => padded(axis.bounds), [axis]);
  const lanes = useMemo(() => layOutLanes(spans), [spans]);
  const folded = view.folded.join(',');
  const collapsed = useMemo(() => new Set(folded.split(',')), [folded]);
  const rows = useMemo(() => spans.rows(collapsed), [spans, collapsed]);
  const transcript = useMemo(() => transcriptRows(call), [call]);
  const turns = useMemo(() => heardTurns(call), [call]);
  const logs = useQuery({ ...logsQuery(call.id), enabled: !spansLoading }).data?.items ?? kNoLogs;
  const logTicks = useMemo(() => logs.map((line) => logTick(line, call.startedAt)), [logs, call.startedAt]);
  const critical = useMemo(() => (view.critical && view.mode === 'tree' ? criticalPath(spans) : undefined), [view.critical, view.mode, spans]);
  const store = useViewport(bounds, view.range, change);
  // A link to a turn is a link to where it is heard.
  const linked = view.selection.type === 'turn' ? turnOf(turns, view.selection.index) : undefined;
  const playback = usePlayback(call, store, linked === undefined ? undefined : wordsStart(linked));
  const { player, playhead, sound, seek } = playback;
  const note = sound === undefined ? recordingNote(call) : '';
  const findField = useRef<HTMLInputElement>(null);
  const [deleting, setDeleting] = useState(false);

  const { selection } = view;
  const selectedSpan = selection.type === 'span' ? spans.find(selection.spanId) : undefined;
  const selectedTool = selectedSpan !== undefined && spans.placement(selectedSpan) === 'synthetic' ? call.tools[spans.toolOf(selectedSpan)] : undefined;
  const turnIndex = selection.type === 'turn' ? selection.index : selectedSpan === undefined ? undefined : spans.span(selectedSpan).turnIndex;
  const selectedTurn = selection.type === 'turn' ? turnOf(turns, selection.index) : undefined;
  const turnInFocus = turnOf(turns, turnIndex);

  const select = useCallback((next: Selection) => change({ selection: next }), [change]);
  /** Shows a span: scrolls to it, opens what is collapsed around it, selects it. */
  const goToSpan = useCallback(
    (spanId: string, more: Partial<CallView> = {}) => {
      const index = spans.find(spanId);
      const above = index === undefined ? [] : spans.ancestors(index).map((ancestor) => spans.span(ancestor).spanId);
      if (index !== undefined) store.set(store.get().revealing(spans.interval(index)));
      change((known) => ({ ...more, selection: { type: 'span', spanId }, folded: known.folded.filter((ancestor) => !above.includes(ancestor)) }));
    },
    [spans, store, change],
  );
  const goToTurn = useCallback(
    (index: number) => {
      const turn = turnOf(turns, index);
      if (turn !== undefined) store.set(store.get().revealing(turn));
      change({ selection: { type: 'turn', index } });
    },
    [turns, store, change],
  );
  const goToTime = useCallback(
    (time: Ms) => {
      store.set(store.get().revealing({ start: time, end: time }));
      seek(time);
    },
    [store, seek],
  );
  const goToHit = (hit: Hit, match: number): void => {
    if (hit.kind === 'span') goToSpan(spans.span(hit.span).spanId, { match });
    else {
      if (hit.at !== undefined) goToTime(hit.at);
      change({ match, tab: hit.kind === 'words' ? 'transcript' : 'logs' });
    }
  };
  const finding = useCallSearch({ call, find: view.find, match: view.match, spans, rows: transcript, logs, onHit: goToHit });
  const matches = finding.matches?.spans;
  const words = finding.matches?.words ?? '';

  const goToIndex = (index: number | undefined): void => {
    if (index !== undefined) goToSpan(spans.span(index as SpanIndex).spanId);
  };
  const toggle = useCallback((spanId: string) => change(({ folded: known }) => ({ folded: known.includes(spanId) ? known.filter((other) => other !== spanId) : [...known, spanId] })), [change]);

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
    const at = turns.findIndex((turn) => turn.index === turnIndex);
    const next = turns[at === -1 ? (step === 1 ? 0 : turns.length - 1) : at + step];
    if (next === undefined) return;
    goToTurn(next.index);
    seek(wordsStart(next));
  };
  const stepRow = (step: 1 | -1): void => {
    const order = view.mode === 'tree' ? rows : undefined;
    const at = selectedSpan === undefined ? -1 : (order?.indexOf(selectedSpan) ?? selectedSpan);
    const next = at === -1 ? (step === 1 ? 0 : spans.spans.length - 1) : at + step;
    goToIndex(order === undefined ? (next >= 0 && next < spans.spans.length ? next : undefined) : order[next]);
  };
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
  const loop = (): void => {
    if (player.state.loop !== undefined) player.setLoop(undefined);
    else if (turnInFocus !== undefined) {
      const { clock } = playback.alignment;
      const stretch = { startS: Math.max(0, clock.toAudio(wordsStart(turnInFocus))), endS: clock.toAudio(turnInFocus.end) };
      player.setLoop(stretch);
      seek(clock.toCall(stretch.startS));
      void player.play();
    }
  };
  const playTurn = (): void => {
    if (turnInFocus === undefined) return;
    seek(wordsStart(turnInFocus));
    void player.play();
  };
  const mute = (channel: number): void => player.setMuted(channel, player.state.muted[channel] !== true);
  const muteSide = (at: 0 | 1): void => {
    const lane = sound?.lanes[at];
    if (lane !== undefined && sound!.lanes.length > 1) mute(lane.channel);
  };
  const changeRate = (step: 1 | -1): void => {
    const at = kRates.findIndex((rate) => rate === player.state.rate);
    player.setRate(kRates[Math.max(0, Math.min(kRates.length - 1, at + step))]!);
  };

  const { counts } = finding;
  const count = (all: number, found: number): string => (words === '' ? String(all) : `${found} of ${all}`);
  const tabs = [
    { id: 'transcript', label: 'Transcript', count: count(transcript.length, counts.words) },
    { id: 'tools', label: 'Tools', count: String(call.tools.length), bad: (call.toolErrorCount ?? 0) > 0 },
    { id: 'models', label: 'Models', count: String(call.models.length) },
    { id: 'spans', label: 'Spans', count: count(spans.realCount, counts.span) },
    { id: 'logs', label: 'Logs', ...(logs.length === 0 ? {} : { count: count(logs.length, counts.log) }) },
    { id: 'about', label: 'About' },
  ] as const;
  const openTab = (tab: CallTab): void => change({ tab });
  const showCritical = (shown: boolean): void => change(shown ? { mode: 'tree', critical: true } : { critical: false });
  const leave = (): void => {
    if (document.activeElement === findField.current) findField.current?.blur();
    else if (view.find !== '') change({ find: '' });
    else if (selection.type !== 'none') select({ type: 'none' });
    else void navigate({ to: '/', search: listSearch() });
  };

  const hasSound = playback.recording !== undefined;
  useKeys({
    '/': () => {
      findField.current?.focus();
      findField.current?.select();
    },
    Escape: leave,
    j: () => stepTurn(1),
    k: () => stepTurn(-1),
    ArrowDown: () => stepRow(1),
    ArrowUp: () => stepRow(-1),
    ArrowRight: () => sideways(1),
    ArrowLeft: () => sideways(-1),
    n: () => finding.step(1),
    N: () => finding.step(-1),
    e: () => stepError(1),
    E: () => stepError(-1),
    s: () => {
      const slowest = slowestTurn(call.turns);
      if (slowest !== undefined) goToTurn(slowest.index);
    },
    w: () => change({ mode: view.mode === 'lanes' ? 'tree' : 'lanes' }),
    p: () => showCritical(!view.critical),
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
    ...(hasSound
      ? {
          ' ': () => player.toggle(),
          ',': () => playback.step(-5),
          '.': () => playback.step(5),
          '<': () => changeRate(-1),
          '>': () => changeRate(1),
          x: () => player.setSkipsSilence(!player.state.skipsSilence),
          r: loop,
          m: () => muteSide(0),
          M: () => muteSide(1),
        }
      : {}),
    ...Object.fromEntries(tabs.map((tab, at) => [String(at + 1), () => openTab(tab.id)])),
  });

  const header = useMemo(() => headerLayout(sound, logTicks, note), [sound, logTicks, note]);
  const sizes = usePanelSizes(view.mode, lanesHeight(lanes, header), kMinimapPx + header.height);
  const current = finding.current;

  return (
    <div className="flex h-full min-h-0 flex-col">
      <CallHeader call={call} onTurn={goToTurn} onSpan={goToSpan} onTools={() => openTab('tools')} onSeek={goToTime} onDelete={() => setDeleting(true)} />
      <TimelineToolbar
        mode={view.mode}
        onMode={(mode) => change({ mode })}
        critical={view.critical}
        onCritical={showCritical}
        store={store}
        end={axis.bounds.end}
        onZoom={zoom}
        spanCount={spans.realCount}
        outsideCount={axis.outsideCount}
        live={live}
        loading={spansLoading}
        player={<PlayerBar call={call} playback={playback} loopTurn={turnInFocus?.index} onLoop={loop} />}
        find={<FindBox find={view.find} search={finding} inputRef={findField} onFind={(find) => change({ find, match: undefined })} />}
      />
      <div ref={sizes.box} className="flex min-h-0 flex-1 flex-col">
        <div className="shrink-0" style={{ height: sizes.timeline.size }}>
          {spansError !== undefined && spans.realCount === 0 ? (
            <Failure error={spansError} what="The spans" onRetry={onRetrySpans} />
          ) : (
            <Timeline
              call={spans}
              bounds={bounds}
              turns={turns}
              lanes={lanes}
              rows={rows}
              mode={view.mode}
              selection={selection}
              collapsed={collapsed}
              matches={matches}
              hits={finding.times}
              sound={sound}
              note={note}
              logs={logTicks}
              critical={critical}
              muted={playback.state.muted}
              onMute={mute}
              playhead={playhead}
              store={store}
              onSeek={seek}
              onSelect={select}
              onToggle={toggle}
            />
          )}
        </div>
        <Splitter label="Height of the timeline" direction="rows" size={sizes.timeline.size} min={140} max={sizes.timeline.max} sizes="before" onSize={(size) => sizes.timeline.set(String(size))} onReset={() => sizes.timeline.set('')} />
        <div className="flex min-h-0 flex-1">
          <section aria-label="Details of the call" className="flex min-w-0 flex-1 flex-col">
            <Tabs label="Details of the call" tabs={tabs} value={view.tab} onChange={openTab} />
            <TabPanel label={tabs.find((tab) => tab.id === view.tab)!.label}>
              {view.tab === 'transcript' && (
                <TranscriptPanel
                over={call.state === 'ended'}
                  rows={transcript}
                  turns={call.turns}
                  selectedTurn={turnIndex}
                  focused={current?.kind === 'words' ? current.row : undefined}
                  words={words}
                  playhead={playhead}
                  aligned={sound === undefined ? !hasSound : isAligned(playback.alignment)}
                  onTurn={goToTurn}
                  onSpan={goToSpan}
                  onSeek={seek}
                />
              )}
              {view.tab === 'tools' && <ToolsPanel tools={call.tools} selectedSpan={selection.type === 'span' ? selection.spanId : undefined} onSpan={goToSpan} onTurn={goToTurn} />}
              {view.tab === 'models' && <ModelsPanel call={call} />}
              {view.tab === 'spans' && <SpansPanel call={spans} matches={matches} selected={selectedSpan} onSpan={goToSpan} />}
              {view.tab === 'logs' && <LogsPanel id={call.id} shown={view.logs} onShown={(shown) => change({ logs: shown })} origin={call.startedAt} words={words} focused={current?.kind === 'log' ? current.line : undefined} onSpan={goToSpan} onTime={goToTime} />}
              {view.tab === 'about' && <AboutPanel call={call} />}
            </TabPanel>
          </section>
          <Splitter label="Width of the inspector" direction="columns" size={sizes.inspector.size} min={300} max={sizes.inspector.max} sizes="after" onSize={(size) => sizes.inspector.set(String(size))} onReset={() => sizes.inspector.set('')} />
          <aside aria-label="Inspector" className="flex min-h-0 shrink-0 flex-col" style={{ width: sizes.inspector.size }}>
            {selectedTool !== undefined ? (
              <ToolInspector tool={selectedTool} onSpan={goToSpan} onTurn={goToTurn} onZoom={zoomToSelection} />
            ) : selectedSpan !== undefined ? (
              <SpanInspector key={spans.span(selectedSpan).spanId} call={spans} index={selectedSpan} origin={call.startedAt} onSpan={goToSpan} onTurn={goToTurn} onZoom={zoomToSelection} />
            ) : selection.type === 'span' ? (
              spansLoading ? <Skeleton label="span" /> : <Nothing title="This span is not here">{selection.spanId} is not among the spans of this call.</Nothing>
            ) : selectedTurn !== undefined ? (
              <TurnInspector turn={selectedTurn} tools={call.tools.filter((tool) => tool.turnIndex === selectedTurn.index)} call={spans} onSpan={goToSpan} onZoom={zoomToSelection} onPlay={hasSound ? playTurn : undefined} />
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

const turnOf = (turns: readonly Turn[], index: number | undefined): Turn | undefined => turns.find((turn) => turn.index === index);

/** Leaves room at the end, so that the label of the last bar can be read. */
const padded = (bounds: Interval): Interval => ({ start: bounds.start, end: ms(bounds.end + (bounds.end - bounds.start) * kBoundsMargin) });

function logTick(line: LogLine, origin: EpochNs): LogTick {
  return { at: msSince(origin, line.timeNs), severity: severityOf(line) };
}
