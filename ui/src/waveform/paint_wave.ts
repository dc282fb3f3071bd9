import type { Peaks } from '@/api/peaks';
import type { AudioClock } from '@/model/audio_clock';
import type { TimeScale } from '@/model/time_scale';

/** Lifts quiet speech, so that a caller on a bad line can still be seen. */
const kCurve = 0.72;

const lift = (value: number): number => Math.sign(value) * (Math.abs(value) / 128) ** kCurve;

/** Draws one channel around the middle of a row. Reads as many buckets as are in view, however long the call. */
export function paintWave(context: CanvasRenderingContext2D, peaks: Peaks, channel: number, scale: TimeScale, clock: AudioClock, top: number, height: number, color: string): void {
  const middle = top + height / 2;
  const reach = height / 2 - 1;
  const bucketPx = (clock.toCall(peaks.bucketS) - clock.toCall(0)) / scale.msPerPx;
  const lows: number[] = [];
  const highs: number[] = [];
  const xs: number[] = [];
  // Columns of a pixel where buckets are narrower, else a column for each bucket.
  const step = Math.max(1, bucketPx);
  const firstBucket = Math.floor(clock.toAudio(scale.toMs(-step)) / peaks.bucketS);
  const startPx = bucketPx > 1 ? scale.toPx(clock.toCall(Math.max(0, firstBucket) * peaks.bucketS)) : 0;
  for (let x = startPx; x < scale.width + step; x += step) {
    const from = Math.max(0, Math.floor(clock.toAudio(scale.toMs(x)) / peaks.bucketS + 1e-6));
    const to = Math.min(peaks.count, Math.max(from + 1, Math.floor(clock.toAudio(scale.toMs(x + step)) / peaks.bucketS + 1e-6)));
    if (clock.toAudio(scale.toMs(x + step)) <= 0 || from >= peaks.count) continue;
    let low = 127;
    let high = -128;
    for (let bucket = from; bucket < to; bucket++) {
      low = Math.min(low, peaks.low(bucket, channel));
      high = Math.max(high, peaks.high(bucket, channel));
    }
    xs.push(x + (bucketPx > 1 ? step / 2 : 0.5));
    lows.push(Math.max(middle - lift(low) * reach, middle + 0.5));
    highs.push(Math.min(middle - lift(high) * reach, middle - 0.5));
  }
  if (xs.length === 0) return;
  context.fillStyle = color;
  context.beginPath();
  context.moveTo(xs[0]!, highs[0]!);
  for (let at = 1; at < xs.length; at++) context.lineTo(xs[at]!, highs[at]!);
  for (let at = xs.length - 1; at >= 0; at--) context.lineTo(xs[at]!, lows[at]!);
  context.closePath();
  context.fill();
}
