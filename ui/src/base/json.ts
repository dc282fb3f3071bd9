// Reading JSON of unknown shape. `null`, a missing key and a value of the wrong type all read as undefined.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

export class ParseError extends Error {
  override readonly name = 'ParseError';
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One JSON object on its way to a typed value. */
export class Fields {
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly what: string;

  constructor(value: unknown, what: string) {
    if (!isObject(value)) throw new ParseError(`expected an object for ${what}`);
    this.values = value;
    this.what = what;
  }

  text(key: string): string | undefined {
    const value = this.values[key];
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.values[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  flag(key: string): boolean {
    return this.values[key] === true;
  }

  raw(key: string): Json | undefined {
    const value = this.values[key];
    return value === null || value === undefined ? undefined : (value as Json);
  }

  requiredText(key: string): string {
    return this.text(key) ?? this.missing(key, 'text');
  }

  requiredNumber(key: string): number {
    return this.number(key) ?? this.missing(key, 'a number');
  }

  requiredObject(key: string): Fields {
    return this.object(key) ?? this.missing(key, 'an object');
  }

  oneOf<T extends string>(key: string, values: readonly T[], otherwise: T): T {
    const value = this.text(key);
    return values.find((candidate) => candidate === value) ?? otherwise;
  }

  object(key: string): Fields | undefined {
    const value = this.values[key];
    return isObject(value) ? new Fields(value, `${this.what}.${key}`) : undefined;
  }

  record(key: string): JsonObject {
    const value = this.values[key];
    return isObject(value) ? (value as JsonObject) : {};
  }

  keys(): readonly string[] {
    return Object.keys(this.values);
  }

  all(): JsonObject {
    return this.values as JsonObject;
  }

  texts(key: string): readonly string[] {
    const value = this.values[key];
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
  }

  list<T>(key: string, parse: (fields: Fields) => T): readonly T[] {
    const value = this.values[key];
    if (!Array.isArray(value)) return [];
    return value.map((item, index) => parse(new Fields(item, `${this.what}.${key}[${index}]`)));
  }

  private missing(key: string, wanted: string): never {
    throw new ParseError(`expected ${wanted} for ${this.what}.${key}`);
  }
}

/** Returns the JSON value inside a text that looks like an object or array, or undefined. */
export function jsonInText(text: string): Json | undefined {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Keeps only the keys that have a value, so that absent stays absent under exactOptionalPropertyTypes. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // Called for every span of a call: a plain loop takes a fifth of the time of entries and a filter.
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) kept[key] = item;
  }
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}
