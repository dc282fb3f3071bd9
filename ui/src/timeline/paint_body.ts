import { formatDuration } from '@/base/format';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import { kKindStyles } from '@/model/span_kind';
import { kBarPxMin, visitBars } from './bars';
import { LaneLayout } from './lane_layout';
import { TextFitter, paintBar } from './paint';
import { mix, type KindPaint, type Palette } from './palette';
import { kTreeRowPx, type Hover, type Scene } from './scene';
import { ticks } from './ticks';
import type { TimeScale } from '@/model/time_scale';

const kTickPxMin = 84;
/** A longer name would leave no room for how long it took. */
const kLabelCharactersMax = 40;
const fitter = new TextFitter();

/** Paints the lanes or the visible part of the tree. `height` is what can be seen, `scrollTop` what is above it. */
export function paintBody(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, height: number, scrollTop: number, hover: Hover | undefined, palette: Palette): void {
  const { width } = scale;
  paintGrid(context, scene, scale, height, palette);
  context.textBaseline = 'middle';
  if (scene.mode === 'lanes') paintLanes(context, scene, scale, height, scrollTop, hover, palette);
  else paintTree(context, scene, scale, height, scrollTop, hover, palette);
  if (hover !== undefined) {
    context.fillStyle = palette.faint;
    context.fillRect(Math.round(scale.toPx(hover.at)), 0, 1, height);
  }
  context.fillStyle = palette.line;
  context.fillRect(0, height - 1, width, 1);
}

function paintGrid(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, height: number, palette: Palette): void {
  context.fillStyle = mix(palette.line, palette.canvas, 0.55);
  for (const at of ticks(scale, kTickPxMin).at) context.fillRect(Math.round(scale.toPx(at)), 0, 1, height);
  const turn = scene.turns.find((candidate) => candidate.index === scene.selectedTurn);
  if (turn === undefined) return;
  if (!scale.shows(turn.start, turn.end)) return;
  const [left, right] = scale.edges(turn.start, turn.end);
  context.fillStyle = mix(palette.accent, palette.canvas, 0.08);
  context.fillRect(left, 0, right - left, height);
  context.fillStyle = mix(palette.accent, palette.canvas, 0.5);
  context.fillRect(Math.round(left), 0, 1, height);
  context.fillRect(Math.round(right), 0, 1, height);
}

function paintLanes(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, height: number, scrollTop: number, hover: Hover | undefined, palette: Palette): void {
  const { call, lanes } = scene;
  context.font = `500 11px ${palette.sans}`;
  for (const band of lanes.bands) {
    const top = band.top - scrollTop;
    if (top > height || top + band.height < 0) continue;
    context.fillStyle = palette.line;
    context.fillRect(0, Math.round(top + band.height) - 1, scale.width, 1);
    band.lane.rows.forEach((row, at) => {
      const y = lanes.rowTop(band, at) - scrollTop;
      if (y > height || y + LaneLayout.barHeight < 0) return;
      visitBars(row, call, scale, (index, x, width) => paintSpan(context, scene, scale, index as SpanIndex, x, y, width, LaneLayout.barHeight, hover, palette, 'inside'));
      // Failures and the selection must not hide behind a neighbour on the same pixel.
      let marked = Number.NEGATIVE_INFINITY;
      for (const index of row) {
        const important = call.spans[index]!.isError || index === scene.selectedSpan || scene.matches?.[index] === 1;
        if (!important || !scale.shows(call.start[index]!, call.end[index]!)) continue;
        const x = Math.max(-1, scale.toPx(call.start[index]!));
        const right = Math.min(scale.width + 1, scale.toPx(call.end[index]!));
        if (index !== scene.selectedSpan && right < marked + 0.5) continue;
        marked = Math.max(right, x + 1);
        if (right - x < 6 || index === scene.selectedSpan) {
          paintSpan(context, scene, scale, index as SpanIndex, x, y, Math.max(kBarPxMin, right - x), LaneLayout.barHeight, hover, palette, 'inside');
        }
      }
    });
  }
}

function paintTree(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, height: number, scrollTop: number, hover: Hover | undefined, palette: Palette): void {
  const { call, rows } = scene;
  context.font = `500 11px ${palette.sans}`;
  const first = Math.max(0, Math.floor(scrollTop / kTreeRowPx));
  const last = Math.min(rows.length, Math.ceil((scrollTop + height) / kTreeRowPx));
  for (let at = first; at < last; at++) {
    const index = rows[at]! as SpanIndex;
    const y = at * kTreeRowPx - scrollTop;
    if (index === scene.selectedSpan || index === hover?.span) {
      context.fillStyle = mix(palette.accent, palette.canvas, index === scene.selectedSpan ? 0.16 : 0.07);
      context.fillRect(0, y, scale.width, kTreeRowPx);
    }
    context.fillStyle = mix(palette.line, palette.canvas, 0.6);
    context.fillRect(0, y + kTreeRowPx - 1, scale.width, 1);
    const start = call.start[index]!;
    const end = call.end[index]!;
    if (!scale.shows(start, end)) {
      // An arrow says on which side the span lies.
      context.fillStyle = palette.faint;
      const toTheLeft = end < scale.view.start;
      context.fillText(toTheLeft ? '‹' : '›', toTheLeft ? 3 : scale.width - 9, y + kTreeRowPx / 2);
      continue;
    }
    const x = Math.max(-1, scale.toPx(start));
    const width = Math.min(scale.width + 1, Math.max(scale.toPx(end), x + kBarPxMin)) - x;
    paintSpan(context, scene, scale, index, x, y + 3, width, kTreeRowPx - 7, undefined, palette, 'beside');
    paintCritical(context, scene, scale, index, y + kTreeRowPx - 4, palette);
  }
}

function paintCritical(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, index: SpanIndex, y: number, palette: Palette): void {
  for (const { start, end } of scene.critical?.get(index) ?? []) {
    if (!scale.shows(start, end)) continue;
    const [left, right] = scale.edges(start, end);
    context.fillStyle = palette.ink;
    context.fillRect(left, y, Math.max(1, right - left), 2);
  }
}

function paintSpan(
  context: CanvasRenderingContext2D,
  scene: Scene,
  scale: TimeScale,
  index: SpanIndex,
  x: number,
  y: number,
  width: number,
  height: number,
  hover: Hover | undefined,
  palette: Palette,
  label: 'inside' | 'beside',
): void {
  const { call } = scene;
  const span = call.span(index);
  const paint: KindPaint = span.isError ? palette.error : palette.kinds[kKindStyles[span.kind].color];
  const dimmed = scene.matches !== undefined && scene.matches[index] === 0;
  const waitWidth = span.latencyMs === undefined || span.kind === 'turn_detection' ? undefined : waiting(call, index, span.latencyMs, scale, x);
  paintBar(
    context,
    { x, y, width, height, paint, selected: index === scene.selectedSpan || index === hover?.span, dimmed, loud: span.isError || scene.matches?.[index] === 1, ...(waitWidth === undefined ? {} : { waitWidth }) },
    palette,
  );
  if (label === 'inside') {
    if (width < 40) return;
    context.fillStyle = dimmed ? palette.faint : palette.ink;
    context.fillText(fittedLabel(context, call, index, width - 10), x + 6, y + height / 2);
    return;
  }
  const text = `${formatDuration(call.durationMs(index))}${span.isError ? '  failed' : ''}`;
  context.fillStyle = span.isError ? palette.error.strong : palette.dim;
  const space = scale.width - (x + width);
  if (space > 70) context.fillText(text, x + width + 5, y + height / 2 + 0.5);
  else if (x > 70) context.fillText(text, Math.max(2, x - context.measureText(text).width - 5), y + height / 2 + 0.5);
  else {
    context.fillStyle = palette.ink;
    context.fillText(text, Math.max(x, 0) + 6, y + height / 2 + 0.5);
  }
}

/** What the foot of a bar shows: the wait for the first result, which for transcription is at its end. */
function waiting(call: CallSpans, index: SpanIndex, latencyMs: number, scale: TimeScale, x: number): number | undefined {
  if (call.span(index).kind === 'stt') return undefined;
  return Math.min(scale.width, scale.toPx(call.start[index]! + latencyMs)) - x;
}

/** The few words that tell a span from its neighbours in a lane; where there is little room, what matters more of the two. */
function fittedLabel(context: CanvasRenderingContext2D, call: CallSpans, index: SpanIndex, width: number): string {
  const span = call.span(index);
  const name = span.toolName ?? span.model ?? span.name;
  const what = `${span.isError ? '✕ ' : ''}${name.length > kLabelCharactersMax ? `${name.slice(0, kLabelCharactersMax)}…` : name}`;
  const time = formatDuration(span.latencyMs ?? call.durationMs(index));
  // Isolated: the letters of a name written from right to left do not move the digits behind it.
  const both = `\u2068${what}\u2069  ${time}`;
  if (fitter.fit(context, both, width) === both) return both;
  if (span.kind === 'tool') return fitter.fit(context, what, width);
  return fitter.fit(context, time, width) === time ? time : '';
}
