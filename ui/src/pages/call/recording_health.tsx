import type { JSX } from 'react';
import type { Call } from '@/api/types';
import type { Json, JsonObject } from '@/base/json';

/** What the analysis says of the recording itself and of how the two talked: every measure it gives, by its own name. */
export function RecordingHealth({ call }: { readonly call: Call }): JSX.Element | null {
  const { audio } = call;
  if (audio?.state !== 'done') return null;
  return (
    <>
      <Measures title="Turn-taking" measures={audio.metrics} />
      <Measures title="Recording" measures={audio.health} />
    </>
  );
}

function Measures({ title, measures }: { readonly title: string; readonly measures: JsonObject }): JSX.Element | null {
  const rows = flatten(measures, '');
  if (rows.length === 0) return null;
  return (
    <section className="border-b border-line px-4 py-3 last:border-0">
      <h3 className="mb-1.5 text-xs font-semibold text-dim">{title}</h3>
      <dl className="num grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 text-xs">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="truncate text-dim" title={name}>{name}</dt>
            <dd className={`text-right ${value === 'not measured' ? 'text-faint' : 'text-ink'} ${value.length > 24 ? 'col-span-2 text-left! text-pretty' : ''}`}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** `{"snr_db": {"agent": 41.2}}` reads "snr agent: 41.2 dB". */
function flatten(measures: JsonObject, prefix: string): readonly (readonly [string, string])[] {
  return Object.entries(measures).flatMap(([key, value]): readonly (readonly [string, string])[] => {
    const name = prefix === '' ? key : `${prefix} ${key}`;
    if (Array.isArray(value)) return value.length === 0 ? [] : value.every((item) => typeof item !== 'object' || item === null) ? [[wordsOf(name), value.map((item: Json) => measure(item, '')).join(', ')]] : [];
    if (typeof value === 'object' && value !== null) return flatten(value as JsonObject, name);
    return [[wordsOf(name), measure(value, unitOf(name))]];
  });
}

const kUnits: Readonly<Record<string, string>> = { ms: 'ms', s: 's', db: 'dB', hz: 'Hz', ppm: 'ppm', lufs: 'LUFS', dbfs: 'dBFS' };

function unitOf(name: string): string {
  for (const part of name.split(/[_ ]/).reverse()) if (kUnits[part] !== undefined) return kUnits[part];
  return '';
}

const wordsOf = (name: string): string => name.split(/[_ ]/).filter((part) => kUnits[part] === undefined || part === 'lufs').join(' ');

function measure(value: Json, unit: string): string {
  if (value === null) return 'not measured';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return JSON.stringify(value);
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}
