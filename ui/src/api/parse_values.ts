// Values that are written in more than one way.
import { ParseError, type Fields, type Json } from '@/base/json';
import { epochNs, epochNsFromIso, type EpochNs } from '@/base/units';

export function nanoseconds(fields: Fields, key: string): EpochNs {
  const text = fields.text(key) ?? String(fields.number(key) ?? '');
  if (!/^\d+$/.test(text)) throw new ParseError(`expected nanoseconds for ${key}`);
  return epochNs(BigInt(text));
}

export const iso = (fields: Fields, key: string): EpochNs | undefined => {
  const text = fields.text(key);
  return text === undefined ? undefined : epochNsFromIso(text);
};

export function requiredIso(fields: Fields, key: string): EpochNs {
  const time = iso(fields, key);
  if (time === undefined) throw new ParseError(`expected a time for ${key}`);
  return time;
}

export const textUnlessEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** Arguments and results come as text or as JSON; both are kept as text, JSON without its layout. */
export function asText(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
