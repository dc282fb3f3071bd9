import { formatLatency } from '@/base/format';
import { gradeLatency, latencyOf } from '@/model/turn_latency';
import { TextFitter, paintHatch } from './paint';
import { mix, type Palette } from './palette';
import { kHeaderPx, kRulerPx, kSpeechRowPx, kTurnRowPx, type Hover, type Scene } from './scene';
import { tickLabel, ticks } from './ticks';
import type { TimeScale } from './time_scale';

const kTickPxMin = 84;
const fitter = new TextFitter();

/** Paints the ruler and the turn strip: turn numbers, who spoke when, and what each answer waited. */
export function paintHeader(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, hover: Hover | undefined, palette: Palette): void {
  const { width } = scale;
  context.font = `500 10.5px ${palette.mono}`;
  context.textBaseline = 'middle';
  const marks = ticks(scale, kTickPxMin);
  context.fillStyle = palette.dim;
  for (const at of marks.at) {
    const x = Math.round(scale.toPx(at));
    context.fillStyle = palette.lineStrong;
    context.fillRect(x, kRulerPx - 5, 1, 5);
    context.fillStyle = palette.dim;
    context.fillText(tickLabel(at, marks), x + 4, kRulerPx / 2);
  }
  context.fillStyle = palette.line;
  context.fillRect(0, kRulerPx - 0.5, width, 1);

  const callerTop = kRulerPx + kTurnRowPx + 1;
  const agentTop = callerTop + kSpeechRowPx + 1;
  for (const turn of scene.turns) {
    if (!scale.shows(turn.start, turn.end)) continue;
    const [left, right] = scale.edges(turn.start, turn.end);
    const selected = turn.index === scene.selectedTurn;
    if (selected) {
      context.fillStyle = mix(palette.accent, palette.canvas, 0.14);
      context.fillRect(left, kRulerPx, right - left, kHeaderPx - kRulerPx);
    }
    if (selected || right - left > 8) {
      context.fillStyle = selected ? palette.accent : palette.lineStrong;
      context.fillRect(Math.round(left), kRulerPx, 1, kHeaderPx - kRulerPx);
    }
    context.font = `${selected ? 700 : 500} 10.5px ${palette.mono}`;
    const label = String(turn.index);
    const visibleLeft = Math.max(left, 0);
    if (right - visibleLeft > label.length * 7 + 6) {
      context.fillStyle = selected ? palette.ink : palette.dim;
      context.fillText(label, visibleLeft + 5, kRulerPx + kTurnRowPx / 2);
      const mark = turn.interrupted ? 'interrupted' : '';
      if (mark !== '' && right - visibleLeft > 110) {
        context.fillStyle = palette.warn;
        context.fillText(mark, visibleLeft + 12 + label.length * 7, kRulerPx + kTurnRowPx / 2);
      }
    }
    paintSpeech(context, scale, turn.user, callerTop, 'caller', palette);
    paintSpeech(context, scale, turn.agent, agentTop, 'agent', palette);
    if (turn.user !== undefined && turn.agent !== undefined && turn.agent.start > turn.user.end) {
      paintGap(context, scale, turn.user.end, turn.agent.start, agentTop, latencyOf(turn), palette);
    }
  }
  context.fillStyle = palette.lineStrong;
  context.fillRect(0, kHeaderPx - 1, width, 1);

  if (hover !== undefined) {
    const x = Math.round(scale.toPx(hover.at));
    context.fillStyle = palette.accent;
    context.fillRect(x, 0, 1, kHeaderPx);
    context.font = `600 10.5px ${palette.mono}`;
    const label = tickLabel(hover.at, { ...marks, digits: Math.min(6, marks.digits + 1) });
    const labelWidth = context.measureText(label).width + 8;
    const left = Math.min(Math.max(0, x - labelWidth / 2), width - labelWidth);
    context.fillRect(left, 1, labelWidth, kRulerPx - 4);
    context.fillStyle = palette.canvas;
    context.fillText(label, left + 4, kRulerPx / 2 - 0.5);
  }
}

function paintSpeech(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  speech: { readonly start: number; readonly end: number; readonly text?: string } | undefined,
  top: number,
  who: 'caller' | 'agent',
  palette: Palette,
): void {
  if (speech === undefined || !scale.shows(speech.start, speech.end)) return;
  const [left, end] = scale.edges(speech.start, speech.end);
  const right = Math.max(end, left + 2);
  const paint = palette.kinds[who];
  const height = kSpeechRowPx - 3;
  context.fillStyle = right - left < 4 ? paint.edge : paint.fill;
  context.fillRect(left, top + 1, right - left, height);
  if (right - left >= 4) {
    context.fillStyle = paint.strong;
    context.fillRect(left, top + 1, 2, height);
  }
  if (speech.text !== undefined && right - left > 44) {
    context.font = `400 11px ${palette.sans}`;
    context.fillStyle = palette.ink;
    context.fillText(fitter.fit(context, speech.text, right - left - 10), left + 6, top + 1 + height / 2 + 0.5);
  }
}

function paintGap(context: CanvasRenderingContext2D, scale: TimeScale, start: number, end: number, top: number, latency: number | undefined, palette: Palette): void {
  if (!scale.shows(start, end)) return;
  const [left, right] = scale.edges(start, end);
  if (right - left < 3) return;
  const grade = latency === undefined ? 'fine' : gradeLatency(latency);
  const color = grade === 'bad' ? palette.error.strong : grade === 'slow' ? palette.warn : palette.faint;
  const height = kSpeechRowPx - 3;
  paintHatch(context, scale.toPx(start), top + 1, scale.toPx(end) - scale.toPx(start), height, scale.width, mix(color, palette.canvas, 0.45));
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 1.5, Math.max(1, right - left - 1), height - 1);
  if (latency === undefined) return;
  context.font = `600 10.5px ${palette.mono}`;
  const label = formatLatency(latency);
  const width = context.measureText(label).width;
  if (right - left < width + 10) return;
  const x = (Math.max(0, left) + Math.min(right, scale.width) - width) / 2;
  context.fillStyle = palette.canvas;
  context.fillRect(x - 3, top + 3, width + 6, height - 4);
  context.fillStyle = grade === 'fine' ? palette.ink : color;
  context.fillText(label, x, top + 1 + height / 2 + 0.5);
}
