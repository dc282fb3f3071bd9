// Everything in a call that holds some words: spans, what was said, log lines.
import type { LogLine } from '@/api/types';
import { msSince, type EpochNs, type Ms } from '@/base/units';
import type { CallSpans, SpanIndex } from './call_spans';
import { kKindStyles } from './span_kind';
import type { TranscriptRow } from './transcript';

/** Accents of letters; signs that make another letter of one, as in Japanese, are not among them. */
const kAccents = /[\u0300-\u036f]/g;

/** Makes texts comparable: case, width, accents and composed forms of any script do not matter. */
export const fold = (text: string): string => text.normalize('NFKD').replace(kAccents, '').normalize('NFKC').toLocaleLowerCase();

export type Hit =
  | { readonly kind: 'span'; readonly at: Ms; readonly span: SpanIndex }
  | { readonly kind: 'words'; readonly at: Ms | undefined; readonly row: number }
  | { readonly kind: 'log'; readonly at: Ms; readonly line: number };

export interface CallMatches {
  readonly words: string;
  /** One for each span: 1 where it matches. */
  readonly spans: Uint8Array;
  /** All of them, in order of time. */
  readonly hits: readonly Hit[];
}

export interface Searched {
  readonly call: CallSpans;
  readonly origin: EpochNs;
  readonly rows: readonly TranscriptRow[];
  readonly logs: readonly LogLine[];
  /** Spans whose attributes hold the words, as the server says. */
  readonly byAttribute: ReadonlySet<string>;
}

export function searchCall(text: string, searched: Searched): CallMatches | undefined {
  const words = fold(text.trim());
  if (words === '') return undefined;
  const { call, rows, logs, byAttribute } = searched;
  const has = (...fields: readonly (string | undefined)[]): boolean => fields.some((field) => field !== undefined && fold(field).includes(words));
  const spans = new Uint8Array(call.spans.length);
  const hits: Hit[] = [];
  call.spans.forEach((span, index) => {
    if (!byAttribute.has(span.spanId) && !has(span.name, kKindStyles[span.kind].label, span.kind, span.model, span.toolName, span.provider, span.statusMessage, span.spanId)) return;
    spans[index] = 1;
    hits.push({ kind: 'span', at: call.start[index] as Ms, span: index as SpanIndex });
  });
  rows.forEach((row, at) => {
    const { tool } = row;
    if (has(row.text, row.generatedText, tool?.name, tool?.arguments, tool?.result, tool?.error)) hits.push({ kind: 'words', at: row.start, row: at });
  });
  logs.forEach((line, at) => {
    if (has(line.body, line.severity, ...Object.entries(line.attributes).flatMap(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]))) {
      hits.push({ kind: 'log', at: msSince(searched.origin, line.timeNs), line: at });
    }
  });
  // Words without a time stand where the conversation has them: after what was said before.
  let last = 0;
  const order = hits.map((hit) => ({ hit, at: hit.at ?? last, rank: hit.kind === 'words' ? 0 : hit.kind === 'span' ? 1 : 2 }));
  for (const entry of order) if (entry.hit.kind === 'words') last = entry.at;
  return { words, spans, hits: order.sort((a, b) => a.at - b.at || a.rank - b.rank).map(({ hit }) => hit) };
}

/** Cuts a text where the words are: odd pieces hold them. */
export function marked(text: string, words: string): readonly string[] {
  if (words === '') return [text];
  const folded = fold(text);
  // Folding may change the length of a text; then the places can't be told, and nothing is marked.
  if (folded.length !== text.length) return [text];
  const pieces: string[] = [];
  let from = 0;
  for (let at = folded.indexOf(words); at !== -1; at = folded.indexOf(words, from)) {
    pieces.push(text.slice(from, at), text.slice(at, at + words.length));
    from = at + words.length;
  }
  return [...pieces, text.slice(from)];
}
