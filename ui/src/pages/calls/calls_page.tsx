import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState, type JSX } from 'react';
import { apiKey } from '@/api/credentials';
import { agentsQuery, callsQuery, freshCallsQuery, serverQuery } from '@/api/queries';
import type { CallSummary } from '@/api/types';
import { plural } from '@/base/format';
import { callFilterOf, isFiltering, queryOfCallFilter, searchOfCallFilter, type CallFilter } from '@/model/call_filter';
import type { FilterContext } from '@/model/filter_fields';
import { formatSearchText } from '@/model/search_text';
import { ConnectGuide } from '@/widgets/connect';
import { Button } from '@/widgets/button';
import { useKeys } from '@/widgets/keys';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { useReplaceSearch, useSearchText } from '../address';
import { rememberList } from '../list_memory';
import { useNow } from '../now';
import { CallTable } from './call_table';
import { FilterBar } from './filter_bar';

export function CallsPage(): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const navigate = useNavigate();
  const now = useNow(30_000);
  const [cursor, setCursor] = useState(-1);
  const searchField = useRef<HTMLInputElement>(null);

  const filter = useMemo(() => callFilterOf(search), [search]);
  // "Last hour" starts when it is chosen: the window grows with time, so that pages already loaded stay valid.
  const query = useMemo(() => queryOfCallFilter(filter, new Date()), [filter]);
  const pages = useInfiniteQuery({ ...callsQuery(query), placeholderData: keepPreviousData });
  const fresh = useQuery({ ...freshCallsQuery(query), enabled: pages.isSuccess });
  const calls = useMemo(() => mergeFresh(pages.data?.pages.flatMap((page) => page.items) ?? [], fresh.data?.items ?? [], filter), [pages.data, fresh.data, filter]);
  useEffect(() => rememberList(formatSearchText(searchOfCallFilter(filter)), calls.slice(0, 2_000).map((call) => call.id)), [calls, filter]);
  useEffect(() => {
    document.title = 'Calls · Callscope';
  }, []);

  const setFilter = useCallback((next: CallFilter) => replaceSearch(() => searchOfCallFilter(next)), [replaceSearch]);
  useKeys({
    '/': () => searchField.current?.focus(),
    Escape: () => {
      searchField.current?.blur();
      setCursor(-1);
    },
    j: () => setCursor(Math.min(calls.length - 1, cursor + 1)),
    ArrowDown: () => setCursor(Math.min(calls.length - 1, cursor + 1)),
    k: () => setCursor(Math.max(0, cursor - 1)),
    ArrowUp: () => setCursor(Math.max(0, cursor - 1)),
    x: () => {
      const call = calls[cursor];
      if (call !== undefined) mark(call.id);
    },
    Enter: () => {
      const call = calls[cursor];
      if (call !== undefined) void navigate({ to: '/calls/$callId', params: { callId: String(call.id) }, search: {} });
    },
  });

  const { fetchNextPage, isFetchingNextPage } = pages;
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);

  const agents = useQuery(agentsQuery).data;
  const context = useMemo(() => filterContext(calls, agents ?? []), [calls, agents]);
  const [marks, setMarks] = useState<readonly number[]>([]);
  // Two can be compared; a third takes the place of the first.
  const mark = (id: number): void => setMarks((known) => (known.includes(id) ? known.filter((other) => other !== id) : [...known, id].slice(-2)));
  const running = calls.filter((call) => call.state === 'running').length;
  const empty = pages.isSuccess && calls.length === 0;

  return (
    <div className="flex h-full min-h-0 flex-col">
      <h1 className="sr-only">Calls</h1>
      {(!empty || isFiltering(filter)) && <FilterBar filter={filter} onChange={setFilter} context={context} searchRef={searchField} />}
      {pages.isPending ? (
        <Skeleton rows={14} label="calls" />
      ) : pages.isError && calls.length === 0 ? (
        <Failure error={pages.error} what="The list of calls" onRetry={() => void pages.refetch()} />
      ) : empty && isFiltering(filter) ? (
        <Nothing title="No call matches these filters">
          <Button className="mt-2" onClick={() => setFilter({ range: { type: 'all' }, onlyErrors: false, metadata: [], sort: filter.sort })}>
            Show all calls
          </Button>
        </Nothing>
      ) : empty ? (
        <FirstCall />
      ) : (
        <>
          <CallTable
            calls={calls}
            sort={filter.sort}
            now={now}
            cursor={cursor}
            marks={marks}
            onMark={mark}
            hasMore={pages.hasNextPage}
            onSort={(sort) => setFilter({ ...filter, sort })}
            onEndReached={loadMore}
          />
          <div className="num flex h-7 shrink-0 items-center gap-4 border-t border-line bg-panel px-4 text-xs text-dim" role="status">
            <span>
              {pages.hasNextPage ? `${calls.length}+ calls` : plural(calls.length, 'call')}
              {running > 0 && `, ${running} running`}
            </span>
            {fresh.isError ? (
              <span className="text-bad">Not live: the server does not answer. Trying again every 2 s.</span>
            ) : (
              <span>Live, renewed every 2 s</span>
            )}
            {marks.length === 1 && <span>One call marked: x marks another to compare it with</span>}
            {marks.length === 2 && (
              <Link to="/compare" search={{ a: String(marks[0]), b: String(marks[1]) }} className="font-medium text-accent hover:underline">
                Compare calls {marks[0]} and {marks[1]}
              </Link>
            )}
            {calls.some((call) => call.heard === undefined && call.reported === undefined && call.computed !== undefined) && <span className="order-last">* computed from spans, neither heard nor reported</span>}
            {calls.some((call) => call.heard !== undefined) && (
              <span className="ml-auto">
                <span className="text-2xs text-kind-agent">●</span> heard in the recording
              </span>
            )}
          </div>
        </>
      )}
    </div>
  );
}

/** What to do when nothing has been sent yet. The list keeps looking, so the first call replaces this by itself. */
function FirstCall(): JSX.Element {
  const server = useQuery(serverQuery);
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <div className="mx-auto flex max-w-3xl flex-col gap-6 px-6 py-10">
        <div>
          <h2 className="text-lg font-semibold text-ink">No calls yet</h2>
          <p className="mt-1 flex items-center gap-2 text-dim">
            <span className="breathing size-1.5 rounded-full bg-good" /> Listening. The first call appears here by itself.
          </p>
        </div>
        <ConnectGuide origin={location.origin} apiKey={apiKey() ?? 'cs_…'} grpc={server.data?.grpc} />
      </div>
    </div>
  );
}

/** Flags worth asking for before a call that has one is loaded. */
const kFlags = ['delay_over_60s', 'latency_skips_stage', 'turn_gap', 'clock_far_off', 'orphan_spans', 'unpriced_use', 'too_many_spans'] as const;

/** Puts newer versions in place of older ones, and what is new on top when the newest come first. */
function mergeFresh(loaded: readonly CallSummary[], fresh: readonly CallSummary[], filter: CallFilter): readonly CallSummary[] {
  if (fresh.length === 0) return loaded;
  const byId = new Map(fresh.map((call) => [call.id, call]));
  const updated = loaded.map((call) => byId.get(call.id) ?? call);
  if (filter.sort !== '-started_at') return updated;
  const known = new Set(loaded.map((call) => call.id));
  const newest = loaded[0]?.startedAt ?? 0n;
  const news = fresh.filter((call) => !known.has(call.id) && call.startedAt >= newest);
  return news.length === 0 ? updated : [...news, ...updated];
}

/** What the filter bar can complete: the agents, and what the loaded calls hold. */
function filterContext(calls: readonly CallSummary[], agents: FilterContext['agents']): FilterContext {
  const metadata = new Map<string, Set<string>>();
  for (const call of calls) {
    for (const [key, value] of Object.entries(call.metadata)) {
      if (typeof value === 'object') continue;
      const values = metadata.get(key) ?? new Set();
      metadata.set(key, values.add(String(value)));
    }
  }
  return {
    agents,
    models: distinct(calls.flatMap((call) => call.modelNames.map((model) => model.model))),
    tools: distinct(calls.flatMap((call) => call.toolNames)),
    flags: distinct([...kFlags, ...calls.flatMap((call) => call.flags.map((flag) => flag.code))]),
    metadata: new Map([...metadata].sort(([a], [b]) => a.localeCompare(b)).map(([key, values]) => [key, [...values].sort()])),
  };
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].filter((name) => name !== '').sort();
