// What the filter bar can be asked for, and how it completes what is typed. Conditions read `field:value`.
import { fold } from './call_search';
import type { CallFilter } from './call_filter';
import { kRanges } from './time_range';

/** What is known to fill in: from the agents and the calls that are loaded. */
export interface FilterContext {
  readonly agents: readonly { readonly id: number; readonly name: string }[];
  readonly models: readonly string[];
  readonly tools: readonly string[];
  readonly flags: readonly string[];
  readonly metadata: ReadonlyMap<string, readonly string[]>;
}

export type Suggestion =
  /** Goes on with the text of a field, to be followed by a value. */
  | { readonly kind: 'field'; readonly label: string; readonly detail: string; readonly text: string }
  /** Is a whole condition. */
  | { readonly kind: 'condition'; readonly label: string; readonly detail: string; readonly filter: CallFilter };

interface Field {
  readonly name: string;
  readonly detail: string;
  readonly values: (context: FilterContext) => readonly string[];
  /** Undefined where the value means nothing. */
  readonly apply: (filter: CallFilter, value: string, context: FilterContext) => CallFilter | undefined;
}

const kMetadata = 'metadata.';
const kSuggestionsMax = 14;
const kWaits: readonly string[] = ['1s', '2s', '3s', '5s', '10s'];

const kFields: readonly Field[] = [
  {
    name: 'agent',
    detail: 'by name or id',
    values: (context) => context.agents.map((agent) => agent.name),
    apply: (filter, value, context) => {
      const found = context.agents.find((agent) => fold(agent.name) === fold(value) || String(agent.id) === value);
      return found === undefined ? undefined : { ...filter, agentId: found.id };
    },
  },
  { name: 'text', detail: 'words in spans and attributes, or a call id', values: () => [], apply: (filter, value) => ({ ...filter, text: value }) },
  { name: 'model', detail: 'that was called', values: (context) => context.models, apply: (filter, value) => ({ ...filter, model: value }) },
  { name: 'tool', detail: 'that was called', values: (context) => context.tools, apply: (filter, value) => ({ ...filter, tool: value }) },
  {
    name: 'latency',
    detail: 'of the slowest turn, at least: 2s, 800ms',
    values: () => kWaits,
    apply: (filter, value) => {
      const minLatencyMs = millisecondsOf(value);
      return minLatencyMs === undefined ? undefined : { ...filter, minLatencyMs };
    },
  },
  {
    name: 'heard',
    detail: 'wait in the recording, at least: 2s, 800ms',
    values: () => kWaits,
    apply: (filter, value) => {
      const minHeardLatencyMs = millisecondsOf(value);
      return minHeardLatencyMs === undefined ? undefined : { ...filter, minHeardLatencyMs };
    },
  },
  { name: 'flag', detail: 'what is odd about the call', values: (context) => context.flags, apply: (filter, value) => ({ ...filter, flag: value }) },
  { name: 'error', detail: 'calls in which something failed', values: () => ['true'], apply: (filter, value) => ({ ...filter, onlyErrors: value === 'true' }) },
  {
    name: 'state',
    detail: 'running, quiet or ended',
    values: () => ['running', 'quiet', 'ended'],
    apply: (filter, value) => (value === 'running' || value === 'quiet' || value === 'ended' ? { ...filter, state: value } : undefined),
  },
  {
    name: 'time',
    detail: 'when the call started',
    values: () => kRanges.map((range) => range.id),
    apply: (filter, value) => {
      const range = kRanges.find((known) => known.id === value);
      return range === undefined ? undefined : { ...filter, range: { type: 'last', id: range.id } };
    },
  },
];

function metadataField(key: string): Field {
  return {
    name: `${kMetadata}${key}`,
    detail: 'what was sent with the call',
    values: (context) => context.metadata.get(key) ?? [],
    apply: (filter, value) => ({ ...filter, metadata: [...filter.metadata.filter(([known]) => known !== key), [key, value] as const] }),
  };
}

/** Fields whose values nobody means by a bare word. */
const kWithoutSearch: readonly string[] = ['latency', 'heard', 'time'];

const waitText = (ms: number): string => (ms >= 1000 ? `${ms / 1000}s` : `${ms}ms`);

/** Reads "2s", "1.5 s", "800ms" and "800" as milliseconds. */
export function millisecondsOf(text: string): number | undefined {
  const match = /^>?=?\s*(\d+(?:\.\d+)?)\s*(ms|s)?$/.exec(text.trim());
  return match === null ? undefined : Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

export function suggest(typed: string, filter: CallFilter, context: FilterContext): readonly Suggestion[] {
  const text = typed.trimStart();
  const colon = text.indexOf(':');
  const name = colon === -1 ? '' : text.slice(0, colon).trim();
  const field = colon === -1 ? undefined : fieldOf(name);
  if (field !== undefined) return completeValue(field, text.slice(colon + 1).trim(), filter, context);
  const words = text.trim();
  const fields = [...kFields, ...[...context.metadata.keys()].map(metadataField)];
  const named = fields
    .filter((candidate) => fold(candidate.name).includes(fold(words)))
    .map((candidate): Suggestion => ({ kind: 'field', label: `${candidate.name}:`, detail: candidate.detail, text: `${candidate.name}:` }));
  if (words === '') return named.slice(0, kSuggestionsMax);
  // Values that read like what is typed, whatever field they belong to.
  const values = kFields.filter((candidate) => !kWithoutSearch.includes(candidate.name)).flatMap((candidate) =>
    candidate.values(context).filter((value) => fold(value).includes(fold(words))).flatMap((value) => condition(candidate, value, filter, context)),
  );
  const search: Suggestion = { kind: 'condition', label: words, detail: 'search for these words', filter: { ...filter, text: words } };
  return [search, ...named, ...values].slice(0, kSuggestionsMax);
}

function completeValue(field: Field, typed: string, filter: CallFilter, context: FilterContext): readonly Suggestion[] {
  const known = field.values(context).filter((value) => fold(value).includes(fold(typed)));
  const exact = typed === '' || known.some((value) => fold(value) === fold(typed)) ? [] : condition(field, typed, filter, context);
  return [...exact, ...known.flatMap((value) => condition(field, value, filter, context))].slice(0, kSuggestionsMax);
}

function condition(field: Field, value: string, filter: CallFilter, context: FilterContext): readonly Suggestion[] {
  const next = field.apply(filter, value, context);
  return next === undefined ? [] : [{ kind: 'condition', label: `${field.name}:${value}`, detail: field.name === 'latency' || field.name === 'heard' ? 'or slower' : '', filter: next }];
}

function fieldOf(name: string): Field | undefined {
  if (name.startsWith(kMetadata) && name.length > kMetadata.length) return metadataField(name.slice(kMetadata.length));
  return kFields.find((field) => field.name === name);
}

export interface Condition {
  readonly label: string;
  /** The filter without it. */
  readonly removed: CallFilter;
}

/** The conditions in force that have no control of their own in the bar. */
export function conditionsOf(filter: CallFilter, context: FilterContext): readonly Condition[] {
  const agent = context.agents.find((candidate) => candidate.id === filter.agentId);
  return [
    ...(filter.text === undefined ? [] : [{ label: `text:${filter.text}`, removed: without(filter, 'text') }]),
    ...(filter.agentId === undefined ? [] : [{ label: `agent:${agent?.name ?? filter.agentId}`, removed: without(filter, 'agentId') }]),
    ...(filter.model === undefined ? [] : [{ label: `model:${filter.model}`, removed: without(filter, 'model') }]),
    ...(filter.tool === undefined ? [] : [{ label: `tool:${filter.tool}`, removed: without(filter, 'tool') }]),
    ...(filter.flag === undefined ? [] : [{ label: `flag:${filter.flag}`, removed: without(filter, 'flag') }]),
    ...(filter.minLatencyMs === undefined ? [] : [{ label: `latency:${waitText(filter.minLatencyMs)}`, removed: without(filter, 'minLatencyMs') }]),
    ...(filter.minHeardLatencyMs === undefined ? [] : [{ label: `heard:${waitText(filter.minHeardLatencyMs)}`, removed: without(filter, 'minHeardLatencyMs') }]),
    ...filter.metadata.map(([key, value]) => ({ label: `${kMetadata}${key}:${value}`, removed: { ...filter, metadata: filter.metadata.filter(([known]) => known !== key) } })),
  ];
}

export function without(filter: CallFilter, key: 'text' | 'agentId' | 'model' | 'tool' | 'flag' | 'minLatencyMs' | 'minHeardLatencyMs' | 'state'): CallFilter {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => name !== key)) as unknown as CallFilter;
}
