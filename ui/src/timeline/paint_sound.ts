import { firstEndingAfter, type Stretch } from '@/model/speech';
import type { TimeScale } from '@/model/time_scale';
import { paintWave } from '@/waveform/paint_wave';
import type { Sound, SoundLane } from '@/waveform/sound';
import type { HeaderRow } from './header_layout';
import { mix, type Palette } from './palette';
import type { Scene } from './scene';

/** Paints the waves, where each side speaks, and where both do. */
export function paintSound(context: CanvasRenderingContext2D, scene: Scene, scale: TimeScale, palette: Palette): void {
  const { sound } = scene;
  if (sound === undefined) return;
  const rows = [scene.header.find('caller_wave'), scene.header.find('agent_wave')];
  sound.lanes.forEach((lane, at) => {
    const row = rows[at];
    if (row !== undefined) paintLane(context, sound, lane, row, scale, palette);
  });
  const apart = scene.header.find('apart');
  if (apart !== undefined) {
    context.fillStyle = mix(palette.warn, palette.canvas, 0.1);
    context.fillRect(0, apart.top, scale.width, apart.height - 1);
    context.font = `500 11px ${palette.sans}`;
    context.fillStyle = palette.warn;
    context.fillText('Recording, on its own time: too little evidence to lay it against the spans', 8, apart.top + apart.height / 2);
  }
}

function paintLane(context: CanvasRenderingContext2D, sound: Sound, lane: SoundLane, row: HeaderRow, scale: TimeScale, palette: Palette): void {
  const paint = palette.kinds[lane.who ?? 'container'];
  const height = row.height - 1;
  const { clock, speech } = sound;
  visitStretches(speech.channels[lane.channel] ?? [], sound, scale, (left, right) => {
    context.fillStyle = mix(paint.strong, palette.canvas, 0.13);
    context.fillRect(left, row.top, right - left, height);
  });
  visitStretches(speech.overlaps, sound, scale, (left, right) => {
    context.fillStyle = mix(palette.warn, palette.canvas, 0.28);
    context.fillRect(left, row.top, right - left, height);
  });
  const peaks = sound.source.at(scale.msPerPx / 1000);
  if (peaks === undefined) {
    context.fillStyle = palette.line;
    context.fillRect(0, row.top + height / 2, scale.width, 1);
    context.font = `400 11px ${palette.sans}`;
    context.fillStyle = palette.faint;
    context.fillText(sound.source.hasFailed ? 'The waveform could not be loaded' : 'Loading the waveform…', 8, row.top + height / 2);
    return;
  }
  paintWave(context, peaks, Math.min(lane.channel, peaks.channels - 1), speech.channels[lane.channel] ?? [], scale, clock, { top: row.top, height, speech: paint.wave, silence: paint.half });
  paintMarks(context, sound, lane, row, scale, palette);
}

const kMarkPx = 4;

/** A triangle where somebody was interrupted or stopped for nothing; a line under silence that somebody owes. */
function paintMarks(context: CanvasRenderingContext2D, sound: Sound, lane: SoundLane, row: HeaderRow, scale: TimeScale, palette: Palette): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const mark of sound.marks) {
    if (mark.side !== lane.who) continue;
    const start = sound.clock.toCall(mark.startS);
    const end = sound.clock.toCall(mark.endS);
    if (!scale.shows(start, end)) continue;
    context.fillStyle = mark.isBad ? palette.error.strong : palette.warn;
    if (mark.kind === 'dead_air' || mark.kind === 'unanswered') {
      const [left, right] = scale.edges(start, end);
      context.fillRect(left, row.top + row.height - 4, Math.max(2, right - left), 2);
      context.fillRect(left, row.top + row.height - 7, 1, 5);
      context.fillRect(right - 1, row.top + row.height - 7, 1, 5);
    } else {
      const x = scale.toPx(start);
      if (x < last + 2 * kMarkPx) continue;
      last = x;
      context.beginPath();
      context.moveTo(x - kMarkPx, row.top);
      context.lineTo(x + kMarkPx, row.top);
      context.lineTo(x, row.top + kMarkPx * 1.6);
      context.fill();
    }
  }
}

/** Visits the stretches in view; those closer than a pixel are one. */
function visitStretches(stretches: readonly Stretch[], sound: Sound, scale: TimeScale, visit: (left: number, right: number) => void): void {
  let open: [number, number] | undefined;
  for (let at = firstEndingAfter(stretches, sound.clock.toAudio(scale.view.start)); at < stretches.length; at++) {
    const { startS, endS } = stretches[at]!;
    const start = sound.clock.toCall(startS);
    if (start > scale.view.end) break;
    const [left, right] = scale.edges(start, sound.clock.toCall(endS));
    if (open !== undefined && left < open[1] + 1) open[1] = Math.max(open[1], right);
    else {
      if (open !== undefined) visit(open[0], open[1]);
      open = [left, Math.max(right, left + 1)];
    }
  }
  if (open !== undefined) visit(open[0], open[1]);
}
