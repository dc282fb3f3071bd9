import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, type JSX, type ReactNode } from 'react';
import type { Query } from '@/api/client';
import type { LatencyRow } from '@/api/types';
import { latencyQuery, slowTurnsQuery, toolStatsQuery, usageQuery } from '@/api/queries';
import { formatLatency } from '@/base/format';
import { analyticsViewOf, hasModels, kStatStages, latencySeries, searchOfAnalyticsView, type AnalyticsView, type Grouping, type LatencySource, type StatStage } from '@/model/analytics_view';
import { bucketOfTimeRange, queryOfTimeRange } from '@/model/time_range';
import { Segmented } from '@/widgets/button';
import { LineChart, type Series } from '@/widgets/line_chart';
import { Section } from '@/widgets/section';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { TimeRangePicker } from '@/widgets/time_range_picker';
import { useReplaceSearch, useSearchText } from '../address';
import { LatencyTable, StageTable } from './latency_table';
import { useAgentNames } from './agent_names';
import { SlowTurns } from './slow_turns';
import { ToolTable } from './tool_table';
import { UsageTable } from './usage_table';

/** Each group has one colour in the chart; further groups are in the table only. */
const kSeriesColors = ['kind-llm', 'kind-tool', 'kind-tts', 'kind-s2s', 'kind-stt'] as const;
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

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-11 shrink-0 items-center gap-3 border-b border-line bg-panel px-4">
        <h1 className="text-sm font-semibold text-ink">Analytics</h1>
        <TimeRangePicker range={view.range} onChange={(next) => change({ range: next })} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto bg-panel">
        <div className="mx-auto grid max-w-[110rem] gap-4 p-4 2xl:grid-cols-2">
          <LatencySection view={view} range={range} change={change} />
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
            query={useQuery({ ...slowTurnsQuery([...range, ['limit', String(kSlowTurnsShown)]]), placeholderData: keepPreviousData })}
            empty="No turn with a response latency in this time"
          >
            {(rows) => <SlowTurns rows={rows} />}
          </Loaded>
        </div>
      </div>
    </div>
  );
}

function LatencySection({ view, range, change }: { readonly view: AnalyticsView; readonly range: Query; readonly change: (next: Partial<AnalyticsView>) => void }): JSX.Element {
  const grouping: Grouping = view.grouping === 'agent' || hasModels(view.stage) ? view.grouping : 'none';
  const query = useMemo<Query>(() => [...stageQuery(view.stage, view.source), ['group_by', grouping], ...range], [view.stage, view.source, grouping, range]);
  const overTime = useMemo<Query>(() => [...query, ['interval', bucketOfTimeRange(view.range, new Date())]], [query, view.range]);
  const names = useAgentNames();
  const select = useCallback((found: readonly LatencyRow[]) => (grouping === 'agent' ? found.map((row) => ({ ...row, group: names.get(Number(row.group)) ?? row.group })) : found), [grouping, names]);
  const rows = useQuery({ ...latencyQuery(query), select, placeholderData: keepPreviousData });
  const buckets = useQuery({ ...latencyQuery(overTime), select, placeholderData: keepPreviousData });
  const chart = useMemo(() => {
    const { timesS, series } = latencySeries(buckets.data ?? []);
    const lines = series.slice(0, kSeriesColors.length).flatMap((line, at): readonly Series[] => {
      const color = kSeriesColors[at]!;
      // Groups are compared by one line each.
      if (grouping !== 'none') return [{ label: `${line.group === '' ? 'unknown' : line.group} p95`, color, values: line.p95 }];
      return [
        { label: 'p95', color, values: line.p95 },
        { label: 'p50, dashed', color, dash: [4, 3], values: line.p50 },
      ];
    });
    return { timesS, lines };
  }, [buckets.data, grouping]);
  const pick = useCallback((fromS: number, toS: number) => change({ range: { type: 'between', from: new Date(fromS * 1000).toISOString(), to: new Date(toS * 1000).toISOString() } }), [change]);
  const stages = useQueries({
    queries: kStatStages.map((candidate) => ({ ...latencyQuery([...stageQuery(candidate.id, view.source), ['group_by', 'none'], ...range]), enabled: grouping === 'none', placeholderData: keepPreviousData })),
    combine: combineStages,
  });
  const stage = kStatStages.find((candidate) => candidate.id === view.stage)!;

  return (
    <Section
      title="Latency"
      className="2xl:col-span-2"
      controls={
        <>
          <Segmented<StatStage> label="Stage" value={view.stage} options={kStatStages.map((candidate) => ({ value: candidate.id, label: candidate.label }))} onChange={(next) => change({ stage: next })} />
          <Segmented<Grouping>
            label="Group by"
            value={grouping}
            options={[{ value: 'none', label: 'All' }, ...(hasModels(view.stage) ? ([{ value: 'model', label: 'By model' }, { value: 'provider', label: 'By provider' }] as const) : []), { value: 'agent', label: 'By agent' }]}
            onChange={(next) => change({ grouping: next })}
          />
          {view.stage === 'response' && (
            <Segmented<LatencySource>
              label="Source"
              value={view.source}
              options={[
                { value: 'reported', label: 'Reported' },
                { value: 'computed', label: 'Computed' },
              ]}
              onChange={(next) => change({ source: next })}
            />
          )}
        </>
      }
    >
      {rows.isPending ? (
        <Skeleton rows={8} label="latency" />
      ) : rows.isError ? (
        <Failure error={rows.error} what="The latency statistics" onRetry={() => void rows.refetch()} />
      ) : rows.data.length === 0 && grouping !== 'none' ? (
        <Nothing title={`No ${stage.label.toLowerCase()} latency was ${view.stage === 'response' ? view.source : 'captured'} in this time`}>
          {view.stage === 'response' && view.source === 'reported' ? 'Some frameworks report none; the computed latency may be there.' : 'Choose a longer time, or another stage.'}
        </Nothing>
      ) : (
        <div className={`grid transition-opacity xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] ${rows.isPlaceholderData ? 'opacity-60' : ''}`}>
          <div className="min-w-0 border-line py-3 pr-2 xl:border-r">
            {rows.data.length === 0 ? (
              <Nothing title={`No ${stage.label.toLowerCase()} latency was ${view.stage === 'response' ? view.source : 'captured'} in this time`}>
                {view.stage === 'response' && view.source === 'reported' ? 'Some frameworks report none; the computed latency may be there.' : 'Choose a longer time, or another stage.'}
              </Nothing>
            ) : chart.timesS.length < 2 ? (
              <Nothing title={buckets.isPending ? 'Loading…' : 'Too little time to draw a line'} />
            ) : (
              <LineChart label={`${stage.label} latency over time`} times={chart.timesS} series={chart.lines} height={240} format={formatLatency} onPick={pick} />
            )}
          </div>
          {grouping === 'none' ? <StageTable rows={stages} stage={view.stage} onStage={(next) => change({ stage: next })} /> : <LatencyTable rows={rows.data} grouping={grouping} stage={view.stage} />}
        </div>
      )}
    </Section>
  );
}

/** Only the response has two sources; the other stages are what the spans say. */
const stageQuery = (stage: StatStage, source: LatencySource): Query => (stage === 'response' ? [['stage', stage], ['source', source]] : [['stage', stage]]);

/** One row for each stage; a stage without values has n 0. */
const combineStages = (results: readonly UseQueryResult<readonly LatencyRow[]>[]): readonly (LatencyRow & { readonly stage: StatStage })[] =>
  kStatStages.map((stage, at) => ({ group: '', n: 0, ...results[at]?.data?.[0], stage: stage.id }));

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
