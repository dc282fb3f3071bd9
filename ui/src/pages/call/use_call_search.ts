import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { spanTextQuery } from '@/api/queries';
import type { Call, LogLine } from '@/api/types';
import type { Ms } from '@/base/units';
import type { CallSpans } from '@/model/call_spans';
import { fold, searchCall, type CallMatches, type Hit } from '@/model/call_search';
import type { TranscriptRow } from '@/model/transcript';

/** The server is asked about attributes once the reader stops typing, and not about single letters. */
const kTypingMs = 250;
const kAskedCharactersMin = 2;
const kNone: ReadonlySet<string> = new Set();
const kNoHits: readonly Ms[] = [];

export interface CallSearch {
  readonly matches: CallMatches | undefined;
  readonly counts: Readonly<Record<Hit['kind'], number>>;
  /** When something else than a span matches, for the ruler. */
  readonly times: readonly Ms[];
  /** Which of the matches the reader stands at. */
  readonly at: number | undefined;
  readonly current: Hit | undefined;
  readonly busy: boolean;
  readonly step: (by: 1 | -1) => void;
}

interface Options {
  readonly call: Call;
  readonly find: string;
  /** Which match the address names, counted from 1. */
  readonly match: number | undefined;
  readonly spans: CallSpans;
  readonly rows: readonly TranscriptRow[];
  readonly logs: readonly LogLine[];
  readonly onHit: (hit: Hit, match: number) => void;
}

export function useCallSearch({ call, find, match, spans, rows, logs, onHit }: Options): CallSearch {
  const words = useDeferredValue(find);
  const asked = useSettled(find.trim());
  const remote = useQuery({
    ...spanTextQuery(asked, call.id),
    enabled: asked.length >= kAskedCharactersMin,
    placeholderData: keepPreviousData,
  });
  const found = asked.length < kAskedCharactersMin || asked !== words.trim() ? undefined : remote.data;
  const byAttribute = useMemo(() => (found === undefined ? kNone : new Set(found)), [found]);
  const matches = useMemo(() => searchCall(words, { call: spans, origin: call.startedAt, rows, logs, byAttribute }), [words, spans, call.startedAt, rows, logs, byAttribute]);
  const isCurrent = matches?.words === fold(find.trim());
  const at = isCurrent && match !== undefined && matches.hits[match - 1] !== undefined ? match - 1 : undefined;

  const counts = useMemo(() => {
    const count = { span: 0, words: 0, log: 0 };
    for (const hit of matches?.hits ?? []) count[hit.kind]++;
    return count;
  }, [matches]);
  const times = useMemo(() => (matches === undefined ? kNoHits : matches.hits.flatMap((hit) => (hit.kind === 'span' || hit.at === undefined ? [] : [hit.at]))), [matches]);

  return {
    matches, counts, times, at,
    current: at === undefined ? undefined : matches?.hits[at],
    busy: asked.length >= kAskedCharactersMin && (remote.isFetching || asked !== find.trim()),
    step: (by) => {
      // Who types and presses Enter at once must not be told of what was found before.
      const current = isCurrent ? matches : searchCall(find, { call: spans, origin: call.startedAt, rows, logs, byAttribute: kNone });
      const count = current?.hits.length ?? 0;
      if (current === undefined || count === 0) return;
      const next = at === undefined || current !== matches ? (by === 1 ? 0 : count - 1) : (at + by + count) % count;
      onHit(current.hits[next]!, next + 1);
    },
  };
}

/** A text once it has stayed the same for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === settled) return;
    const timer = setTimeout(() => setSettled(text), kTypingMs);
    return () => clearTimeout(timer);
  }, [text, settled]);
  return settled;
}
