import type { Peaks } from '@/api/peaks';
import type { AudioClock } from '@/model/audio_clock';
import { firstEndingAfter, type Stretch } from '@/model/speech';
import type { TimeScale } from '@/model/time_scale';

/** Lifts quiet speech, so that a caller on a bad line can still be seen. */
const kCurve = 0.72;

const lift = (value: number): number => Math.sign(value) * (Math.abs(value) / 128) ** kCurve;
const kLifted = Float32Array.from({ length: 256 }, (_, at) => lift(at - 128));

export interface WaveLook {
  readonly top: number;
  readonly height: number;
  /** Where the channel speaks, and where it does not. */
  readonly speech: string;
  readonly silence: string;
}

/**
 * Draws one channel around the middle of a row, standing out where it speaks. Reads as many buckets as are in view,
 * however long the call, and fills one shape for each run of columns of one colour.
 */
export function paintWave(context: CanvasRenderingContext2D, peaks: Peaks, channel: number, stretches: readonly Stretch[], scale: TimeScale, clock: AudioClock, look: WaveLook): void {
  const middle = look.top + look.height / 2;
  const reach = look.height / 2 - 1;
  const bucketPx = (clock.toCall(peaks.bucketS) - clock.toCall(0)) / scale.msPerPx;
  // Columns of a pixel where buckets are narrower, else a column for each bucket.
  const step = Math.max(1, bucketPx);
  const startPx = bucketPx > 1 ? scale.toPx(clock.toCall(Math.max(0, Math.floor(clock.toAudio(scale.toMs(-step)) / peaks.bucketS)) * peaks.bucketS)) : 0;
  let next = firstEndingAfter(stretches, clock.toAudio(scale.toMs(startPx)));
  const xs: number[] = [];
  const lows: number[] = [];
  const highs: number[] = [];
  let speaks = false;

  const fill = (): void => {
    if (xs.length === 0) return;
    context.fillStyle = speaks ? look.speech : look.silence;
    context.beginPath();
    context.moveTo(xs[0]!, highs[0]!);
    for (let at = 1; at < xs.length; at++) context.lineTo(xs[at]!, highs[at]!);
    context.lineTo(xs.at(-1)! + step, highs.at(-1)!);
    context.lineTo(xs.at(-1)! + step, lows.at(-1)!);
    for (let at = xs.length - 1; at >= 0; at--) context.lineTo(xs[at]!, lows[at]!);
    context.fill();
    xs.length = 0;
    lows.length = 0;
    highs.length = 0;
  };

  for (let x = startPx; x < scale.width + step; x += step) {
    const atS = clock.toAudio(scale.toMs(x));
    const untilS = clock.toAudio(scale.toMs(x + step));
    const from = Math.max(0, Math.floor(atS / peaks.bucketS + 1e-6));
    const to = Math.min(peaks.count, Math.max(from + 1, Math.floor(untilS / peaks.bucketS + 1e-6)));
    if (untilS <= 0 || from >= peaks.count) continue;
    let low = 127;
    let high = -128;
    for (let bucket = from; bucket < to; bucket++) {
      low = Math.min(low, peaks.low(bucket, channel));
      high = Math.max(high, peaks.high(bucket, channel));
    }
    while (next < stretches.length && stretches[next]!.endS <= atS) next++;
    const now = next < stretches.length && stretches[next]!.startS < untilS;
    if (now !== speaks) fill();
    speaks = now;
    xs.push(x);
    lows.push(Math.max(middle - kLifted[low + 128]! * reach, middle + 0.5));
    highs.push(Math.min(middle - kLifted[high + 128]! * reach, middle - 0.5));
  }
  fill();
}
