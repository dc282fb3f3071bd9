// Distinct types for quantities that are all numbers at run time. A value gets its unit once, at the
// edge where it is read, and arithmetic that mixes units does not type-check.

declare const unit: unique symbol;

/** A point on a call's time axis or a length on it, in milliseconds. Zero is the call's start. */
export type Ms = number & { readonly [unit]: 'ms' };
/** Nanoseconds since the Unix epoch, UTC. */
export type EpochNs = bigint & { readonly [unit]: 'epoch_ns' };
/** CSS pixels. */
export type Px = number & { readonly [unit]: 'px' };

export const ms = (value: number): Ms => value as Ms;
export const px = (value: number): Px => value as Px;
export const epochNs = (value: bigint): EpochNs => value as EpochNs;

export const msFromSeconds = (seconds: number): Ms => ms(seconds * 1000);

/** Returns where `time` lies on the axis that starts at `origin`; microseconds survive. */
export function msSince(origin: EpochNs, time: EpochNs): Ms {
  return ms(Number(time - origin) / 1e6);
}

/** Reads an ISO 8601 time with any number of fraction digits, without losing those beyond milliseconds. */
export function epochNsFromIso(text: string): EpochNs | undefined {
  const match = /^(.*?:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const whole = Date.parse(`${match[1] ?? ''}${match[3] ?? 'Z'}`);
  if (Number.isNaN(whole)) return undefined;
  const fraction = (match[2] ?? '').padEnd(9, '0').slice(0, 9);
  return epochNs(BigInt(whole) * 1_000_000n + BigInt(fraction));
}

export interface Interval {
  readonly start: Ms;
  readonly end: Ms;
}
