import { useEffect, useRef, useState, type JSX, type PointerEvent } from 'react';
import { ms, px, type Interval, type Ms } from '@/base/units';
import type { CallSpans } from '@/model/call_spans';
import { kKindStyles } from '@/model/span_kind';
import { paintWave } from '@/waveform/paint_wave';
import type { Sound } from '@/waveform/sound';
import { prepare } from './paint';
import { readPalette, watchPalette } from './palette';
import { kMinimapPx } from './scene';
import { TimeScale } from '@/model/time_scale';
import type { ViewportStore } from './viewport';
import type { Turn } from '@/api/types';

interface MinimapProps {
  readonly call: CallSpans;
  readonly bounds: Interval;
  readonly turns: readonly Turn[];
  readonly sound: Sound | undefined;
  /** What a search found: among the spans, and elsewhere. */
  readonly matches: Uint8Array | undefined;
  readonly hits: readonly Ms[];
  readonly store: ViewportStore;
}

const kHandlePx = 6;
const kWavePx = 12;

/** The whole call in a strip, with the visible part as a window that can be dragged and resized. */
export function Minimap({ call, bounds, turns, sound, matches, hits, store }: MinimapProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const windowBox = useRef<HTMLDivElement>(null);
  const leftShade = useRef<HTMLDivElement>(null);
  const rightShade = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const drag = useRef<{ readonly part: 'window' | 'start' | 'end' | 'new'; readonly at: number; readonly view: Interval } | undefined>(undefined);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const paint = (): void => {
      const context = prepare(canvas.current!, width, kMinimapPx);
      if (context === undefined || width === 0) return;
      const palette = readPalette();
      const scale = new TimeScale(bounds, px(width));
      const bar = (start: number, end: number, top: number, height: number, color: string): void => {
        const x = scale.toPx(start);
        context.fillStyle = color;
        context.fillRect(x, top, Math.max(1, scale.toPx(end) - x), height);
      };
      const peaks = sound?.aligned === true ? sound.source.at(scale.msPerPx / 1000) : undefined;
      sound?.lanes.forEach((lane, at) => {
        if (peaks === undefined) return;
        const height = sound.lanes.length > 1 ? kWavePx : 2 * kWavePx;
        paintWave(context, peaks, Math.min(lane.channel, peaks.channels - 1), sound.speech.channels[lane.channel] ?? [], scale, sound.clock, { top: 1 + at * height, height, speech: palette.kinds[lane.who ?? 'container'].edge, silence: palette.kinds[lane.who ?? 'container'].half });
      });
      for (const turn of peaks === undefined ? turns : []) {
        if (turn.user !== undefined) bar(turn.user.start, turn.user.end, 4, 4, palette.kinds.caller.edge);
        if (turn.agent !== undefined) bar(turn.agent.start, turn.agent.end, 9, 4, palette.kinds.agent.edge);
      }
      const covered = new Map<string, number>();
      call.spans.forEach((span, index) => {
        const lane = kKindStyles[span.kind].lane;
        if (lane === undefined || lane === 'speech' || span.isError || peaks !== undefined) return;
        const key = lane;
        const right = scale.toPx(call.end[index]!);
        if (right < (covered.get(key) ?? -1)) return;
        covered.set(key, Math.max(right, scale.toPx(call.start[index]!) + 1));
        const top = lane === 'stt' || lane === 'endpointing' ? 15 : lane === 'llm' || lane === 's2s' ? 18 : lane === 'tts' ? 24 : 21;
        bar(call.start[index]!, call.end[index]!, top, 2, palette.kinds[kKindStyles[span.kind].color].edge);
      });
      call.spans.forEach((span, index) => {
        if (span.isError) bar(call.start[index]!, Math.max(call.end[index]!, call.start[index]! + scale.msPerPx * 2), 27, 6, palette.error.strong);
        if (matches?.[index] === 1) bar(call.start[index]!, call.start[index]! + scale.msPerPx * 2, 0, 5, palette.match);
      });
      for (const at of hits) bar(at, at + scale.msPerPx * 2, 0, 5, palette.match);
    };
    paint();
    const stops = [watchPalette(paint), sound?.source.subscribe(paint)];
    return () => stops.forEach((stop) => stop?.());
  }, [call, bounds, turns, sound, matches, hits, width]);

  useEffect(() => {
    const place = (): void => {
      const scale = new TimeScale(store.get().bounds, px(width));
      const left = scale.toPx(store.get().view.start);
      const right = Math.max(left + 4, scale.toPx(store.get().view.end));
      leftShade.current!.style.width = `${Math.max(0, left)}px`;
      rightShade.current!.style.left = `${right}px`;
      windowBox.current!.style.transform = `translateX(${left}px)`;
      windowBox.current!.style.width = `${right - left}px`;
    };
    place();
    return store.subscribe(place);
  }, [store, width]);

  const toMs = (event: PointerEvent): number => new TimeScale(store.get().bounds, px(width)).toMs(event.clientX - box.current!.getBoundingClientRect().left);

  const start = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = toMs(event);
    const { view } = store.get();
    const grace = ((bounds.end - bounds.start) / Math.max(1, width)) * kHandlePx;
    const part =
      store.get().isWhole ? 'new' : Math.abs(at - view.start) < grace ? 'start' : Math.abs(at - view.end) < grace ? 'end' : at > view.start && at < view.end ? 'window' : 'new';
    drag.current = { part, at, view };
  };
  const move = (event: PointerEvent): void => {
    if (drag.current === undefined) return;
    const { part, at, view } = drag.current;
    const now = toMs(event);
    const viewport = store.get();
    const ordered = (a: number, b: number): Interval => ({ start: ms(Math.min(a, b)), end: ms(Math.max(a, b)) });
    if (part === 'window') store.set(viewport.showing({ start: ms(view.start + now - at), end: ms(view.end + now - at) }));
    else if (part === 'start') store.set(viewport.showing(ordered(now, view.end)));
    else if (part === 'end') store.set(viewport.showing(ordered(view.start, now)));
    else if (Math.abs(now - at) > (viewport.bounds.end - viewport.bounds.start) / width) store.set(viewport.showing(ordered(at, now)));
  };
  const end = (event: PointerEvent): void => {
    const started = drag.current;
    drag.current = undefined;
    if (started?.part !== 'new') return;
    const viewport = store.get();
    const now = toMs(event);
    const isClick = Math.abs(now - started.at) <= ((viewport.bounds.end - viewport.bounds.start) / Math.max(1, width)) * 3;
    if (isClick && !viewport.isWhole) store.set(viewport.pannedBy(ms(now - (started.view.start + started.view.end) / 2)));
  };

  return (
    <div
      ref={box}
      className="relative h-full touch-none overflow-hidden select-none"
      style={{ cursor: 'crosshair' }}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={end}
      onDoubleClick={() => store.set(store.get().whole())}
      title="Drag to choose a part of the call, double-click for all of it"
    >
      <canvas ref={canvas} className="absolute inset-0 h-full w-full" aria-hidden="true" />
      <div ref={leftShade} className="pointer-events-none absolute inset-y-0 left-0 bg-panel/75" />
      <div ref={rightShade} className="pointer-events-none absolute inset-y-0 right-0 bg-panel/75" />
      <div ref={windowBox} className="pointer-events-none absolute inset-y-0 left-0 border-x-2 border-accent bg-accent/5" />
    </div>
  );
}
