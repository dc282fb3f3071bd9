/** Peaks are taken from the analysis signal: 16,000 samples a second, 256 · 4^level of them a bucket. */
const kRateHz = 16_000;
const kBucketSamples = 256;
const kBytesEach = 2;

/** The lowest and highest sample of each bucket and channel, from −128 to 127. */
export class Peaks {
  readonly level: number;
  readonly channels: number;
  readonly count: number;
  readonly bucketS: number;
  private readonly values: Int8Array;

  constructor(values: Int8Array, level: number, channels: number) {
    this.values = values;
    this.level = level;
    this.channels = channels;
    this.count = Math.floor(values.length / (channels * kBytesEach));
    this.bucketS = bucketSeconds(level);
  }

  low(bucket: number, channel: number): number {
    return this.values[(bucket * this.channels + channel) * kBytesEach]!;
  }

  high(bucket: number, channel: number): number {
    return this.values[(bucket * this.channels + channel) * kBytesEach + 1]!;
  }
}

export const bucketSeconds = (level: number): number => (kBucketSamples * 4 ** level) / kRateHz;

export function readPeaks(bytes: ArrayBuffer, level: number, channels: number): Peaks {
  return new Peaks(new Int8Array(bytes), level, Math.max(1, channels));
}
