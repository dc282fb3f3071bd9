import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, type JSX, type ReactNode } from 'react';
import type { LatencyRow } from '@/api/types';
import { latencyQuery, slowTurnsQuery, toolStatsQuery, usageQuery } from '@/api/queries';
import { analyticsViewOf, kStatLines, searchOfAnalyticsView, type AnalyticsView } from '@/model/analytics_view';
import { queryOfTimeRange } from '@/model/time_range';
import { Section } from '@/widgets/section';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { TimeRangePicker } from '@/widgets/time_range_picker';
import { useReplaceSearch, useSearchText } from '../address';
import { Distribution } from './distribution';
import { LatencySection, lineQuery } from './latency_section';
import type { LineRow } from './latency_table';
import { SlowTurns } from './slow_turns';
import { ToolTable } from './tool_table';
import { UsageTable } from './usage_table';

const kSlowTurnsShown = 20;

export function AnalyticsPage(): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const view = useMemo(() => analyticsViewOf(search), [search]);
  const change = useCallback((next: Partial<AnalyticsView>) => replaceSearch((current) => searchOfAnalyticsView({ ...analyticsViewOf(current), ...next })), [replaceSearch]);
  useEffect(() => {
    document.title = 'Analytics · Callscope';
  }, []);
  const range = useMemo(() => queryOfTimeRange(view.range, new Date()), [view.range]);
  const lines = useQueries({
    queries: kStatLines.map((line) => ({ ...latencyQuery([...lineQuery(line), ['group_by', 'none'], ...range]), placeholderData: keepPreviousData })),
    combine: combineLines,
  });
  // What the caller heard counts most; where nothing was heard, the next best.
  const source = view.source ?? lines.find((line) => line.source !== undefined && line.n > 0)?.source ?? 'reported';

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-11 shrink-0 items-center gap-3 border-b border-line bg-panel px-4">
        <h1 className="text-sm font-semibold text-ink">Analytics</h1>
        <TimeRangePicker range={view.range} onChange={(next) => change({ range: next })} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto bg-panel">
        <div className="mx-auto grid max-w-[110rem] gap-4 p-4 2xl:grid-cols-2">
          <LatencySection view={view} range={range} source={source} lines={lines} change={change} />
          <Distribution range={range} source={source} />
          <Loaded title="Tools" what="The tool statistics" query={useQuery({ ...toolStatsQuery(range), placeholderData: keepPreviousData })} empty="No tool was called in this time">
            {(rows) => <ToolTable rows={rows} />}
          </Loaded>
          <Loaded title="Tokens and cost by model" what="Tokens and cost" query={useQuery({ ...usageQuery('cost', [...range, ['group_by', 'model']]), placeholderData: keepPreviousData })} empty="No model was called in this time">
            {(rows) => <UsageTable rows={rows} />}
          </Loaded>
          <Loaded
            title="Slowest turns"
            what="The slowest turns"
            className="2xl:col-span-2"
            query={useQuery({ ...slowTurnsQuery(range, source, kSlowTurnsShown), placeholderData: keepPreviousData })}
            empty="No turn with a response latency in this time"
          >
            {(rows) => <SlowTurns rows={rows} />}
          </Loaded>
        </div>
      </div>
    </div>
  );
}

/** One row for each line; what nobody captured, or this server does not know, has n 0. */
const combineLines = (results: readonly UseQueryResult<readonly LatencyRow[]>[]): readonly LineRow[] => kStatLines.map((line, at) => ({ group: '', n: 0, ...results[at]?.data?.[0], ...line }));

function Loaded<T>(props: { readonly title: string; readonly what: string; readonly query: UseQueryResult<readonly T[]>; readonly empty: string; readonly className?: string; readonly children: (rows: readonly T[]) => ReactNode }): JSX.Element {
  const { query } = props;
  return (
    <Section title={props.title} className={props.className ?? ''}>
      {query.isPending ? (
        <Skeleton label={props.title} />
      ) : query.isError ? (
        <Failure error={query.error} what={props.what} onRetry={() => void query.refetch()} />
      ) : query.data.length === 0 ? (
        <Nothing title={props.empty} />
      ) : (
        <div className={query.isPlaceholderData ? 'opacity-60' : ''}>{props.children(query.data)}</div>
      )}
    </Section>
  );
}
