import { useMemo, useState, type JSX } from 'react';
import { formatBytes } from '@/base/format';
import { jsonInText, type Json } from '@/base/json';
import { CopyButton } from './copy';

const kShownCharacters = 4_000;
/** Megabytes come piece by piece: a browser lays out this much in a moment. */
const kMoreCharacters = 200_000;
/** Colours cost an element each. */
const kColouredCharactersMax = 60_000;

/** A value as people read it: JSON laid out and coloured, also when it came inside a text; long ones cut on demand. */
export function JsonView({ value, label, bare = false }: { readonly value: Json; readonly label: string; readonly bare?: boolean }): JSX.Element {
  const [length, setLength] = useState(kShownCharacters);
  const [raw, setRaw] = useState(false);
  const inner = useMemo(() => (typeof value === 'string' ? jsonInText(value) : typeof value === 'object' && value !== null ? value : undefined), [value]);
  const source = typeof value === 'string' ? value : JSON.stringify(value);
  const pretty = useMemo(() => (inner === undefined ? source : JSON.stringify(inner, undefined, 2)), [inner, source]);
  const text = raw ? source : pretty;
  const shown = text.slice(0, length);
  const rest = text.length - shown.length;
  const canToggle = inner !== undefined && typeof value === 'string';
  return (
    <div className={`group relative min-w-0 ${bare ? '' : 'rounded border border-line bg-panel'}`}>
      <pre className={`max-h-[28rem] overflow-auto font-mono text-2xs leading-[1.05rem] break-words whitespace-pre-wrap text-ink ${bare ? '' : 'px-2.5 py-2 pr-14'}`} tabIndex={0} aria-label={label}>
        {inner === undefined || raw || shown.length > kColouredCharactersMax ? shown : <Highlighted json={shown} />}
        {rest > 0 && (
          <button type="button" className="ml-1 rounded bg-line px-1.5 font-sans text-accent" onClick={() => setLength(length + kMoreCharacters)}>
            … show {rest <= kMoreCharacters ? 'the rest' : `${formatBytes(kMoreCharacters)} more`} of {formatBytes(text.length)}
          </button>
        )}
      </pre>
      {!bare && (
        <div className="absolute top-1 right-1 flex items-center gap-0.5 rounded bg-panel">
          {canToggle && (
            <button type="button" className="rounded px-1 text-2xs text-faint hover:bg-line hover:text-ink" onClick={() => setRaw(!raw)}>
              {raw ? 'pretty' : 'raw'}
            </button>
          )}
          <CopyButton text={source} label={`Copy ${label}`} />
        </div>
      )}
    </div>
  );
}

/** Colours keys, texts and other values of laid-out JSON, line by line. */
function Highlighted({ json }: { readonly json: string }): JSX.Element {
  const parts = json.split(/("(?:[^"\\]|\\.)*"\s*:?|-?\d[\d.eE+-]*|true|false|null)/g);
  return (
    <>
      {parts.map((part, at) => {
        const ink = at % 2 === 0 ? 'text-faint' : part.endsWith(':') ? 'text-dim' : part.startsWith('"') ? 'text-ink' : 'text-kind-llm';
        return (
          <span key={at} className={ink}>
            {part}
          </span>
        );
      })}
    </>
  );
}
