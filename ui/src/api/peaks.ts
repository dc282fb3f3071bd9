import { ParseError } from '@/base/json';

/** Peaks are taken from the analysis signal: 16,000 samples a second, 256 · 4^level of them a bucket. */
const kRateHz = 16_000;
const kBucketSamples = 256;
const kBytesEach = 2;
const kMagic = 'CSPEAK01';
const kHeaderBytes = 32;

export const bucketSeconds = (level: number): number => (kBucketSamples * 4 ** level) / kRateHz;

/** The lowest and highest sample of each bucket and channel, from −127 to 127. Channels stand one after the other. */
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
    return this.values[(channel * this.count + bucket) * kBytesEach]!;
  }

  high(bucket: number, channel: number): number {
    return this.values[(channel * this.count + bucket) * kBytesEach + 1]!;
  }
}

/** Reads one level as the server gives it; docs/formats/peaks.md has the bytes. */
export function readPeaks(bytes: ArrayBuffer): Peaks {
  const view = new DataView(bytes);
  const magic = bytes.byteLength < kHeaderBytes ? '' : String.fromCharCode(...new Uint8Array(bytes, 0, kMagic.length));
  const channels = magic === kMagic ? view.getUint16(8, true) : 0;
  if (channels === 0 || view.getUint8(10) !== 1 || view.getUint32(24, true) !== kBucketSamples) throw new ParseError('expected one level of waveform peaks');
  return new Peaks(new Int8Array(bytes, kHeaderBytes), view.getUint8(11), channels);
}
