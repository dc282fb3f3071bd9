import { ms, type Interval } from '@/base/units';
import type { SearchText } from './search_text';
import { numberOf } from './search_text';

export const kTabs = ['transcript', 'tools', 'models', 'spans', 'logs', 'about'] as const;
export type CallTab = (typeof kTabs)[number];
export type TimelineMode = 'lanes' | 'tree';

/** All log lines, or those that warn or tell of an error. */
export type LogsShown = 'all' | 'bad';

export type Selection =
  | { readonly type: 'none' }
  | { readonly type: 'span'; readonly spanId: string }
  | { readonly type: 'turn'; readonly index: number };

/** What the call page shows of its call: all of it lives in the address. */
export interface CallView {
  readonly tab: CallTab;
  readonly mode: TimelineMode;
  readonly selection: Selection;
  /** The visible part of the time axis; absent shows the whole call. */
  readonly range?: Interval;
  readonly find: string;
  /** Which of the matches the reader stands at, counted from 1. */
  readonly match: number | undefined;
  /** Spans of the tree whose children are folded away. */
  readonly folded: readonly string[];
  /** Whether the tree shows what the end of the call waited for. */
  readonly critical: boolean;
  readonly logs: LogsShown;
}

export function callViewOf(search: SearchText): CallView {
  const turn = numberOf(search['turn']);
  const span = search['span'];
  const range = rangeOf(search['t']);
  return {
    tab: kTabs.find((tab) => tab === search['tab']) ?? 'transcript',
    mode: search['view'] === 'tree' ? 'tree' : 'lanes',
    selection:
      span !== undefined && span !== '' ? { type: 'span', spanId: span } : turn !== undefined ? { type: 'turn', index: turn } : { type: 'none' },
    ...(range === undefined ? {} : { range }),
    find: search['find'] ?? '',
    match: numberOf(search['match']),
    folded: (search['folded'] ?? '').split(',').filter((spanId) => spanId !== ''),
    critical: search['critical'] === 'true',
    logs: search['logs'] === 'bad' ? 'bad' : 'all',
  };
}

export function searchOfCallView(view: CallView): SearchText {
  return {
    ...(view.tab === 'transcript' ? {} : { tab: view.tab }),
    ...(view.mode === 'lanes' ? {} : { view: view.mode }),
    ...(view.selection.type === 'span' ? { span: view.selection.spanId } : {}),
    ...(view.selection.type === 'turn' ? { turn: String(view.selection.index) } : {}),
    ...(view.range === undefined ? {} : { t: `${shortMs(view.range.start)},${shortMs(view.range.end)}` }),
    ...(view.find === '' ? {} : { find: view.find }),
    ...(view.find === '' || view.match === undefined ? {} : { match: String(view.match) }),
    ...(view.folded.length === 0 ? {} : { folded: view.folded.join(',') }),
    ...(view.critical ? { critical: 'true' } : {}),
    ...(view.logs === 'all' ? {} : { logs: view.logs }),
  };
}

function rangeOf(text: string | undefined): Interval | undefined {
  const [start, end] = (text ?? '').split(',').map((part) => numberOf(part));
  return start === undefined || end === undefined || !(end > start) ? undefined : { start: ms(start), end: ms(end) };
}

/** Microseconds are as fine as an address needs to be. */
const shortMs = (value: number): string => String(Math.round(value * 1000) / 1000);
