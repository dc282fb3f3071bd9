import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type JSX, type PointerEvent } from 'react';
import { formatDuration, formatOffset } from '@/base/format';
import { ms, px, type Interval, type Ms } from '@/base/units';
import type { Turn } from '@/api/types';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import type { Selection, TimelineMode } from '@/model/call_view';
import type { Lane } from '@/model/lanes';
import { kKindStyles, kLaneLabels, type KindColor } from '@/model/span_kind';
import type { Playhead } from '@/waveform/playhead';
import type { Sound } from '@/waveform/sound';
import { barAt } from './bars';
import { GutterLabel } from './gutter_label';
import { HeaderLabels } from './header_labels';
import { HeaderLayout } from './header_layout';
import { LaneLayout } from './lane_layout';
import { Minimap } from './minimap';
import { prepare } from './paint';
import { paintBody } from './paint_body';
import { paintHeader } from './paint_header';
import { readPalette, watchPalette, type Palette } from './palette';
import { PlayheadLine } from './playhead_line';
import { kMinimapPx, kTreeRowPx, type Hover, type LogTick, type Scene } from './scene';
import { TimeScale } from '@/model/time_scale';
import { TreeGutter, treeRowId } from './tree_gutter';
import type { ViewportStore } from './viewport';

interface TimelineProps {
  readonly call: CallSpans;
  readonly bounds: Interval;
  readonly turns: readonly Turn[];
  readonly lanes: readonly Lane[];
  readonly rows: Int32Array;
  readonly mode: TimelineMode;
  readonly selection: Selection;
  readonly collapsed: ReadonlySet<string>;
  readonly matches: Uint8Array | undefined;
  readonly hits: readonly Ms[];
  readonly sound: Sound | undefined;
  /** Why there are no waves though there is a recording; empty when there is nothing to say. */
  readonly note: string;
  readonly logs: readonly LogTick[];
  readonly critical: ReadonlyMap<SpanIndex, readonly Interval[]> | undefined;
  readonly muted: readonly boolean[];
  readonly onMute: (channel: number) => void;
  readonly playhead: Playhead;
  readonly store: ViewportStore;
  readonly onSeek: (time: Ms) => void;
  readonly onSelect: (selection: Selection) => void;
  readonly onToggle: (spanId: string) => void;
}

const kLaneGutterPx = 136;
const kTreeGutterPx = 340;
const kDragPxMin = 4;
const kRowsBeyond = 10;
const kLaneColors: Readonly<Record<string, KindColor>> = { speech: 'agent', endpointing: 'endpointing', stt: 'stt', llm: 'llm', s2s: 's2s', tool: 'tool', tts: 'tts', transport: 'transport', custom: 'custom' };

export function headerLayout(sound: Sound | undefined, logs: readonly LogTick[], note: string): HeaderLayout {
  return new HeaderLayout({ waves: sound === undefined ? 'none' : sound.lanes.length < 2 ? 'one' : 'two', aligned: sound?.aligned ?? true, logs: logs.length > 0, note: note !== '' });
}

/** Height that shows all lanes without scrolling, everything above them included. */
export const lanesHeight = (lanes: readonly Lane[], header: HeaderLayout): number => kMinimapPx + header.height + new LaneLayout(lanes).height + 3;

/** The call on its time axis: minimap, ruler, turn strip, and lanes or tree below. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { call, turns, store, mode, selection, onSelect, sound, note, logs, hits, critical } = props;
  const root = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const header = useRef<HTMLCanvasElement>(null);
  const body = useRef<HTMLCanvasElement>(null);
  const tooltip = useRef<HTMLDivElement>(null);
  const band = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0, total: 0 });
  const [firstRow, setFirstRow] = useState(0);
  const [hovered, setHovered] = useState<SpanIndex | undefined>(undefined);

  const gutter = mode === 'lanes' ? kLaneGutterPx : Math.min(kTreeGutterPx, Math.round(size.total * 0.36));
  const width = Math.max(0, size.width - gutter);
  const layout = useMemo(() => new LaneLayout(props.lanes), [props.lanes]);
  const headerRows = useMemo(() => headerLayout(sound, logs, note), [sound, logs, note]);
  const selectedSpan = selection.type === 'span' ? call.find(selection.spanId) : undefined;
  const scene = useMemo<Scene>(
    () => ({
      call, turns, mode, header: headerRows, lanes: layout, rows: props.rows, selectedSpan, matches: props.matches, hits, sound, note, logs,
      selectedTurn: selection.type === 'turn' ? selection.index : undefined,
      critical: mode === 'tree' ? critical : undefined,
    }),
    [call, turns, mode, headerRows, layout, props.rows, selectedSpan, selection, props.matches, hits, sound, note, logs, critical],
  );
  const contentHeight = mode === 'lanes' ? layout.height : props.rows.length * kTreeRowPx;

  // What painting needs, readable from event handlers without waiting for React.
  const frame = useRef<{ scene: Scene; width: number; height: number; hover: Hover | undefined; palette: Palette | undefined; asked: number | undefined }>({ scene, width: 0, height: 0, hover: undefined, palette: undefined, asked: undefined });

  const paint = useCallback((): void => {
    const now = frame.current;
    now.asked = undefined;
    if (now.width <= 0 || header.current === null || body.current === null) return;
    now.palette ??= readPalette();
    const scale = new TimeScale(store.get().view, px(now.width));
    const headerContext = prepare(header.current, now.width, now.scene.header.height);
    if (headerContext !== undefined) paintHeader(headerContext, now.scene, scale, now.hover, now.palette);
    const bodyContext = prepare(body.current, now.width, now.height);
    if (bodyContext !== undefined) paintBody(bodyContext, now.scene, scale, now.height, scroller.current?.scrollTop ?? 0, now.hover, now.palette);
  }, [store]);
  const schedule = useCallback((): void => {
    frame.current.asked ??= requestAnimationFrame(paint);
  }, [paint]);

  useLayoutEffect(() => {
    frame.current.scene = scene;
    frame.current.width = width;
    frame.current.height = size.height;
    paint();
  }, [scene, width, size.height, paint]);

  useEffect(() => {
    const stop = store.subscribe(schedule);
    const stopWave = sound?.source.subscribe(schedule);
    const stopPalette = watchPalette(() => {
      frame.current.palette = undefined;
      schedule();
    });
    const state = frame.current;
    return () => {
      stop();
      stopWave?.();
      stopPalette();
      if (state.asked !== undefined) cancelAnimationFrame(state.asked);
      state.asked = undefined;
    };
  }, [store, sound, schedule]);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const element = scroller.current!;
      setSize({ width: element.clientWidth, height: element.clientHeight, total: root.current!.clientWidth });
    });
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, []);

  // The wheel zooms over the ruler and the lanes; over the tree it scrolls unless Ctrl is held.
  useEffect(() => {
    const element = root.current!;
    const onWheel = (event: WheelEvent): void => {
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const overBody = body.current?.parentElement?.contains(event.target as Node) === true || scroller.current?.contains(event.target as Node) === true;
      const scrolls = overBody && frame.current.scene.mode === 'tree' && !event.ctrlKey && !event.metaKey;
      const now = frame.current;
      const scale = new TimeScale(store.get().view, px(now.width));
      event.preventDefault();
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        store.set(store.get().pannedBy(ms(sideways * unit * scale.msPerPx)));
        return;
      }
      if (scrolls) {
        scroller.current!.scrollTop += event.deltaY * unit;
        return;
      }
      const x = event.clientX - header.current!.getBoundingClientRect().left;
      const speed = event.ctrlKey ? 0.01 : 0.0022;
      store.set(store.get().zoomedAt(scale.toMs(Math.max(0, x)), Math.exp(-event.deltaY * unit * speed)));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [store]);

  // Keeps the selected row, or the first of the selected turn, in sight when the selection is moved from elsewhere.
  const { selectedTurn } = scene;
  useEffect(() => {
    if (mode !== 'tree' || size.height === 0 || (selectedSpan === undefined && selectedTurn === undefined)) return;
    const row = selectedSpan !== undefined ? props.rows.indexOf(selectedSpan) : props.rows.findIndex((index) => call.span(index as SpanIndex).turnIndex === selectedTurn);
    const element = scroller.current!;
    if (row === -1) return;
    const top = row * kTreeRowPx;
    const hidden = top < element.scrollTop || top + kTreeRowPx > element.scrollTop + size.height;
    // A turn is read from its first row on; a span is looked at with what surrounds it.
    if (selectedSpan === undefined) element.scrollTop = Math.max(0, top - kTreeRowPx);
    else if (hidden) element.scrollTop = Math.max(0, top - size.height / 3);
  }, [mode, selectedSpan, selectedTurn, call, props.rows, size.height]);

  const onScroll = (): void => {
    const row = Math.max(0, Math.floor(scroller.current!.scrollTop / kTreeRowPx) - kRowsBeyond);
    if (Math.abs(row - firstRow) >= kRowsBeyond / 2 || row === 0) setFirstRow(row);
    paint();
  };

  const scaleNow = (): TimeScale => new TimeScale(store.get().view, px(frame.current.width));
  const place = (event: { clientX: number; clientY: number }): { readonly x: number; readonly headerY: number; readonly bodyY: number } => {
    const box = header.current!.getBoundingClientRect();
    const below = scroller.current!.getBoundingClientRect();
    return { x: event.clientX - box.left, headerY: event.clientY - box.top, bodyY: event.clientY - below.top + scroller.current!.scrollTop };
  };
  /** What a click means: a selection, unless it fell where there is only time; and the time. */
  const hit = (event: { clientX: number; clientY: number }): { readonly selection: Selection | undefined; readonly time: Ms; readonly onSound: boolean } => {
    const { x, headerY, bodyY } = place(event);
    const time = scaleNow().toMs(x);
    if (headerY < headerRows.height) {
      const row = headerRows.at(headerY)?.id;
      const turn = row === 'turn' || row === 'caller' || row === 'agent' ? turns.findLast((candidate) => candidate.start <= time && candidate.end >= time) : undefined;
      return { selection: turn === undefined ? undefined : { type: 'turn', index: turn.index }, time, onSound: row === 'caller_wave' || row === 'agent_wave' };
    }
    let index: number | undefined;
    if (mode === 'tree') index = props.rows[Math.floor(bodyY / kTreeRowPx)];
    else {
      const row = layout.rowAt(bodyY);
      index = row === undefined ? undefined : barAt(row, call, scaleNow(), x);
    }
    return { selection: index === undefined ? { type: 'none' } : { type: 'span', spanId: call.span(index as SpanIndex).spanId }, time, onSound: false };
  };

  const drag = useRef<{ readonly x: number; readonly view: Interval; readonly choosing: boolean; moved: boolean } | undefined>(undefined);
  const setHover = (hover: Hover | undefined): void => {
    frame.current.hover = hover;
    setHovered(hover?.span);
    schedule();
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    drag.current = { x: event.clientX, view: store.get().view, choosing: event.shiftKey, moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent): void => {
    const { x } = place(event);
    const started = drag.current;
    if (started !== undefined) {
      if (Math.abs(event.clientX - started.x) > kDragPxMin) started.moved = true;
      if (!started.moved) return;
      const scale = new TimeScale(started.view, px(frame.current.width));
      if (started.choosing) {
        const left = Math.min(x, x - event.clientX + started.x);
        band.current!.style.display = 'block';
        band.current!.style.left = `${gutter + left}px`;
        band.current!.style.width = `${Math.abs(event.clientX - started.x)}px`;
      } else {
        store.set(store.get().showing({ start: ms(started.view.start - (event.clientX - started.x) * scale.msPerPx), end: ms(started.view.end - (event.clientX - started.x) * scale.msPerPx) }));
      }
      setHover(undefined);
      return;
    }
    const under = hit(event).selection ?? { type: 'none' };
    setHover({ at: scaleNow().toMs(x), span: under.type === 'span' ? call.find(under.spanId) : undefined });
    if (tooltip.current !== null) {
      const box = root.current!.getBoundingClientRect();
      const left = event.clientX - box.left;
      const flip = left > box.width - 320;
      tooltip.current.style.transform = `translate(${flip ? left - 12 : left + 14}px, ${event.clientY - box.top + 16}px)${flip ? ' translateX(-100%)' : ''}`;
    }
  };
  const onPointerUp = (event: PointerEvent): void => {
    const started = drag.current;
    drag.current = undefined;
    band.current!.style.display = 'none';
    if (started === undefined) return;
    if (!started.moved) {
      const found = hit(event);
      if (found.selection !== undefined) onSelect(found.selection);
      if (sound?.aligned !== false || found.onSound) props.onSeek(found.time);
      return;
    }
    if (!started.choosing) return;
    const { x } = place(event);
    const a = scaleNow().toMs(x);
    const b = scaleNow().toMs(x - event.clientX + started.x);
    store.set(store.get().showing({ start: ms(Math.min(a, b)), end: ms(Math.max(a, b)) }));
  };
  const onDoubleClick = (event: { clientX: number; clientY: number }): void => {
    const found = hit(event).selection ?? { type: 'none' };
    if (found.type === 'span') {
      const index = call.find(found.spanId);
      if (index !== undefined) store.set(store.get().showing(call.interval(index), 0.25));
    } else if (found.type === 'turn') {
      const turn = turns.find((candidate) => candidate.index === found.index);
      if (turn !== undefined) store.set(store.get().showing(turn, 0.05));
    } else store.set(store.get().whole());
  };
  const pointer = { onPointerDown, onPointerMove, onPointerUp, onPointerLeave: () => setHover(undefined), onDoubleClick };

  const rowsShown = Math.ceil(size.height / kTreeRowPx) + 2 * kRowsBeyond + kRowsBeyond / 2;
  const lastRow = Math.min(props.rows.length, firstRow + rowsShown);
  const rightPadding = Math.max(0, size.total - size.width);

  return (
    <div ref={root} className="relative flex h-full min-h-0 flex-col overflow-hidden bg-canvas">
      {/* Drawn too, where nobody but eyes find it. */}
      <p role="status" className="sr-only">
        {note}
      </p>
      <div className="flex shrink-0 border-b border-line bg-panel" style={{ height: kMinimapPx, paddingRight: rightPadding }}>
        <GutterLabel width={gutter} text="Whole call" />
        <div className="min-w-0 flex-1">
          <Minimap call={call} bounds={props.bounds} turns={turns} sound={sound} hits={hits} matches={props.matches} store={store} />
        </div>
      </div>
      <div className="flex shrink-0" style={{ height: headerRows.height }}>
        <HeaderLabels layout={headerRows} sound={sound} width={gutter} logs={logs.length} muted={props.muted} onMute={props.onMute} />
        <canvas ref={header} style={{ width, height: headerRows.height }} className="block shrink-0 cursor-default touch-none" aria-hidden="true" {...pointer} />
      </div>
      <div
        ref={scroller}
        className="relative min-h-0 flex-1 overflow-x-hidden overflow-y-auto outline-offset-[-2px]"
        onScroll={onScroll}
        {...(mode === 'tree'
          ? {
              role: 'tree',
              'aria-label': 'Spans of the call',
              tabIndex: 0,
              ...(selection.type === 'span' ? { 'aria-activedescendant': treeRowId(selection.spanId) } : {}),
            }
          : { role: 'region', 'aria-label': 'Stages of the call', tabIndex: 0 })}
      >
        <div style={{ height: contentHeight }} className="absolute top-0 left-0 border-r border-line bg-panel" {...(mode === 'tree' ? {} : { 'aria-hidden': true })}>
          <div style={{ width: gutter - 1 }}>
            {mode === 'lanes'
              ? layout.bands.map((lane) => (
                  <div key={lane.lane.id} className="absolute flex items-start border-b border-line" style={{ top: lane.top, height: lane.height, width: gutter - 1 }}>
                    <GutterLabel width={gutter - 1} text={kLaneLabels[lane.lane.id]} color={kLaneColors[lane.lane.id] ?? 'custom'} count={lane.lane.spanCount} />
                  </div>
                ))
              : width > 0 && (
                  <TreeGutter
                    call={call}
                    rows={props.rows}
                    first={Math.min(firstRow, Math.max(0, props.rows.length - rowsShown))}
                    last={lastRow}
                    width={gutter - 1}
                    collapsed={props.collapsed}
                    selected={selectedSpan}
                    matches={props.matches}
                    onSelect={(index) => onSelect({ type: 'span', spanId: call.span(index).spanId })}
                    onToggle={props.onToggle}
                  />
                )}
          </div>
        </div>
        <div className="sticky top-0 h-full" style={{ marginLeft: gutter }}>
          <canvas
            ref={body}
            style={{ width, height: size.height }}
            className="block cursor-default touch-none"
            {...(mode === 'tree' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': 'Timeline of the call. The Spans tab lists the same as text.' })}
            {...pointer}
          />
        </div>
        <div aria-hidden="true" style={{ height: Math.max(0, contentHeight - size.height) }} />
      </div>
      {sound !== undefined && width > 0 && (
        <PlayheadLine
          store={store}
          playhead={props.playhead}
          left={gutter}
          width={width}
          top={kMinimapPx + (sound.aligned ? 0 : headerRows.find('apart')!.top)}
          {...(sound.aligned ? {} : { height: headerRows.height - headerRows.find('apart')!.top })}
        />
      )}
      <div ref={band} className="pointer-events-none absolute bottom-0 hidden border-x border-accent bg-accent/15" style={{ top: kMinimapPx }} />
      <div ref={tooltip} className={`pointer-events-none absolute top-0 left-0 z-20 max-w-md ${hovered === undefined ? 'invisible' : ''}`}>
        {hovered !== undefined && hovered < call.spans.length && <SpanTooltip call={call} index={hovered} />}
      </div>
    </div>
  );
}

function SpanTooltip({ call, index }: { readonly call: CallSpans; readonly index: SpanIndex }): JSX.Element {
  const span = call.span(index);
  const style = kKindStyles[span.kind];
  return (
    <div className="rounded border border-line-strong bg-raised px-2.5 py-1.5 text-xs shadow-lg">
      <div className="flex items-baseline gap-1.5">
        <span className="text-[10.5px] font-semibold" style={{ color: `var(--color-kind-${style.color})` }}>
          {style.label}
        </span>
        <span className="truncate font-medium text-ink">{span.name}</span>
        <span className="num ml-auto pl-4 font-medium text-ink">{formatDuration(call.durationMs(index))}</span>
      </div>
      <div className="num flex flex-wrap gap-x-3 text-dim">
        <span>at {formatOffset(call.start[index]!)}</span>
        {span.latencyMs !== undefined && <span>first result {formatDuration(span.latencyMs)}</span>}
        {(span.toolName ?? span.model) !== undefined && <span>{span.toolName ?? span.model}</span>}
        {span.turnIndex !== undefined && <span>turn {span.turnIndex}</span>}
      </div>
      {span.isError && <div className="max-w-sm truncate text-bad">{span.statusMessage ?? 'failed'}</div>}
    </div>
  );
}
