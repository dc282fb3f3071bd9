import { formatLatency } from '@/base/format';
import type { Turn } from '@/api/types';
import { gradeLatency, latencyOf, latencySourceOf, unexplainedMs, waitShares, waitSumMs } from '@/model/turn_latency';
import type { TimeScale } from '@/model/time_scale';
import type { HeaderRow } from './header_layout';
import { TextFitter, paintHatch } from './paint';
import { paintSound } from './paint_sound';
import { mix, type Palette } from './palette';
import type { Hover, LogTick, Scene } from './scene';
import { tickLabel, ticks } from './ticks';

const kTickPxMin = 84;
const fitter = new TextFitter();

/** Paints what stands above the lanes: ruler, turns, who spoke when and how it sounded, and what each answer waited. */
export function paintHeader(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, hover: Hover | undefined, palette: Palette): void {
  context.textBaseline = 'middle';
  for (const row of scene.header.rows) {
    context.fillStyle = palette.line;
    context.fillRect(0, row.top + row.height - 1, scale.width, 1);
  }
  paintTurns(context, scene, scale, palette);
  const ruler = scene.header.find('ruler')!;
  paintRuler(context, scene, scale, ruler, palette);
  paintSound(context, scene, scale, palette);
  const anyHeard = scene.turns.some((turn) => turn.heardMs !== undefined);
  const caller = scene.header.find('caller')!;
  const agent = scene.header.find('agent')!;
  // What falls on a pixel that is covered already is left out, which bounds the work of a frame by the screen.
  const covered = { caller: Number.NEGATIVE_INFINITY, agent: Number.NEGATIVE_INFINITY };
  const speech = (said: Turn['user'], who: 'caller' | 'agent', row: HeaderRow): void => {
    if (said === undefined || scale.toPx(said.end) < covered[who] + 0.5) return;
    covered[who] = Math.max(scale.toPx(said.end), scale.toPx(said.start) + 1);
    paintSpeech(context, scale, said, row, who, palette);
  };
  for (const turn of scene.turns) {
    if (!scale.shows(turn.start, turn.end)) continue;
    speech(turn.user, 'caller', caller);
    speech(turn.agent, 'agent', agent);
    paintGap(context, scale, turn, agent, anyHeard, palette);
  }
  const logs = scene.header.find('logs');
  if (logs !== undefined) paintLogs(context, scene.logs, scale, logs, palette);
  const note = scene.header.find('note');
  if (note !== undefined) {
    context.font = `400 11.5px ${palette.sans}`;
    context.fillStyle = palette.dim;
    context.fillText(scene.note, 8, note.top + note.height / 2);
  }
  context.fillStyle = palette.lineStrong;
  context.fillRect(0, scene.header.height - 1, scale.width, 1);
  if (hover !== undefined) paintHover(context, scene, scale, hover, palette);
}

function paintRuler(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, row: HeaderRow, palette: Palette): void {
  const marks = ticks(scale, kTickPxMin);
  context.font = `500 10.5px ${palette.mono}`;
  for (const at of marks.at) {
    const x = Math.round(scale.toPx(at));
    context.fillStyle = palette.lineStrong;
    context.fillRect(x, row.height - 5, 1, 5);
    context.fillStyle = palette.dim;
    context.fillText(tickLabel(at, marks), x + 4, row.height / 2);
  }
  context.fillStyle = palette.match;
  for (const at of scene.hits) {
    if (!scale.shows(at, at)) continue;
    const x = Math.round(scale.toPx(at));
    context.beginPath();
    context.moveTo(x - 4, row.height - 9);
    context.lineTo(x + 4, row.height - 9);
    context.lineTo(x, row.height - 1);
    context.fill();
  }
}

function paintTurns(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, palette: Palette): void {
  const row = scene.header.find('turn')!;
  const bottom = scene.header.height;
  for (const turn of scene.turns) {
    if (!scale.shows(turn.start, turn.end)) continue;
    const [left, right] = scale.edges(turn.start, turn.end);
    const selected = turn.index === scene.selectedTurn;
    if (selected) {
      context.fillStyle = mix(palette.accent, palette.canvas, 0.14);
      context.fillRect(left, row.top, right - left, bottom - row.top);
    }
    if (selected || right - left > 8) {
      context.fillStyle = selected ? palette.accent : palette.lineStrong;
      context.fillRect(Math.round(left), row.top, 1, selected ? bottom - row.top : row.height);
    }
    const label = String(turn.index);
    const visibleLeft = Math.max(left, 0);
    if (right - visibleLeft <= label.length * 7 + 6) continue;
    context.font = `${selected ? 700 : 500} 10.5px ${palette.mono}`;
    context.fillStyle = selected ? palette.ink : palette.dim;
    context.fillText(label, visibleLeft + 5, row.top + row.height / 2);
    if (turn.interrupted && right - visibleLeft > 110) {
      context.fillStyle = palette.warn;
      context.fillText('interrupted', visibleLeft + 12 + label.length * 7, row.top + row.height / 2);
    }
  }
}

function paintSpeech(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  speech: { readonly start: number; readonly end: number; readonly text?: string } | undefined,
  row: HeaderRow,
  who: 'caller' | 'agent',
  palette: Palette,
): void {
  if (speech === undefined || !scale.shows(speech.start, speech.end)) return;
  const [left, end] = scale.edges(speech.start, speech.end);
  const right = Math.max(end, left + 2);
  const paint = palette.kinds[who];
  const height = row.height - 4;
  const top = row.top + 1;
  context.fillStyle = right - left < 4 ? paint.edge : paint.fill;
  context.fillRect(left, top, right - left, height);
  if (right - left >= 4) {
    context.fillStyle = paint.strong;
    context.fillRect(left, top, 2, height);
  }
  if (speech.text !== undefined && right - left > 44) {
    context.font = `400 11px ${palette.sans}`;
    context.fillStyle = palette.ink;
    context.fillText(fitter.fit(context, speech.text, right - left - 10), left + 6, top + height / 2 + 0.5);
  }
}

/** The silence before an answer: its pieces in the colours of their stages, hatched where nothing explains it. */
function paintGap(context: CanvasRenderingContext2D, scale: TimeScale, turn: Turn, row: HeaderRow, anyHeard: boolean, palette: Palette): void {
  if (turn.user === undefined || turn.agent === undefined) return;
  const end = turn.agent.start;
  const start = turn.heardMs === undefined ? turn.user.end : end - turn.heardMs;
  if (end <= start || !scale.shows(start, end)) return;
  const [left, right] = scale.edges(start, end);
  if (right - left < 3) return;
  const latency = latencyOf(turn);
  const grade = latency === undefined ? 'fine' : gradeLatency(latency);
  const color = grade === 'bad' ? palette.error.strong : grade === 'slow' ? palette.warn : palette.dim;
  const top = row.top + 1;
  const height = row.height - 4;
  paintWait(context, scale, turn, start, end, top, height, palette);
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, Math.max(1, right - left - 1), height - 1);
  if (latency === undefined) return;
  context.font = `600 10.5px ${palette.mono}`;
  // Where other turns were heard, a star tells that this one was not.
  const label = `${formatLatency(latency)}${anyHeard && latencySourceOf(turn) !== 'heard' ? '*' : ''}`;
  const width = context.measureText(label).width;
  if (right - left < width + 10) return;
  const x = (Math.max(0, left) + Math.min(right, scale.width) - width) / 2;
  context.fillStyle = palette.canvas;
  context.fillRect(x - 3, top + 2, width + 6, height - 4);
  context.fillStyle = grade === 'fine' ? palette.ink : color;
  context.fillText(label, x, top + height / 2 + 0.5);
}

function paintWait(context: CanvasRenderingContext2D, scale: TimeScale, turn: Turn, start: number, end: number, top: number, height: number, palette: Palette): void {
  const shares = waitShares(turn);
  const hatch = (from: number, to: number): void => paintHatch(context, scale.toPx(from), top, scale.toPx(to) - scale.toPx(from), height, scale.width, palette.unexplained);
  // Stages that nobody laid against the whole may have been anywhere in it.
  if (shares.length === 0 || (turn.parts.length === 0 && unexplainedMs(turn) === undefined && turn.reportedMs === undefined)) {
    hatch(start, end);
    return;
  }
  const told = start + waitSumMs(turn);
  if (told < end) hatch(told, end);
  for (const share of shares) {
    const from = start + share.startMs;
    const to = Math.min(end, from + share.ms);
    if (to <= from || !scale.shows(from, to)) continue;
    if (share.color === 'unattributed') hatch(from, to);
    else {
      const [left, right] = scale.edges(from, to);
      const paint = palette.kinds[share.color];
      context.fillStyle = paint.half;
      context.fillRect(left, top, right - left, height);
    }
  }
}

function paintLogs(context: CanvasRenderingContext2D, logs: readonly LogTick[], scale: TimeScale, row: HeaderRow, palette: Palette): void {
  // The quiet ones first, so that what went wrong stands on top where they fall on one pixel.
  for (const severity of ['other', 'warn', 'error'] as const) {
    context.fillStyle = severity === 'error' ? palette.error.strong : severity === 'warn' ? palette.warn : palette.faint;
    const width = severity === 'other' ? 1 : 2;
    const height = severity === 'other' ? row.height - 7 : row.height - 4;
    let last = Number.NEGATIVE_INFINITY;
    for (const tick of logs) {
      if (tick.severity !== severity || !scale.shows(tick.at, tick.at)) continue;
      const x = Math.round(scale.toPx(tick.at));
      if (x < last + width) continue;
      context.fillRect(x, row.top + (row.height - 1 - height) / 2, width, height);
      last = x;
    }
  }
}

function paintHover(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, hover: Hover, palette: Palette): void {
  const ruler = scene.header.find('ruler')!;
  const marks = ticks(scale, kTickPxMin);
  const x = Math.round(scale.toPx(hover.at));
  context.fillStyle = palette.faint;
  context.fillRect(x, 0, 1, scene.header.height);
  context.font = `600 10.5px ${palette.mono}`;
  const label = tickLabel(hover.at, { ...marks, digits: Math.min(6, marks.digits + 1) });
  const labelWidth = context.measureText(label).width + 8;
  const left = Math.min(Math.max(0, x - labelWidth / 2), scale.width - labelWidth);
  context.fillStyle = palette.dim;
  context.fillRect(left, 1, labelWidth, ruler.height - 4);
  context.fillStyle = palette.canvas;
  context.fillText(label, left + 4, ruler.height / 2 - 0.5);
}
