import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, type JSX } from 'react';
import type { Query } from '@/api/client';
import { latencyQuery } from '@/api/queries';
import type { LatencyRow } from '@/api/types';
import { formatLatency } from '@/base/format';
import { hasModels, kStatStages, latencySeries, type AnalyticsView, type Grouping, type StatLine, type StatStage } from '@/model/analytics_view';
import { bucketOfTimeRange } from '@/model/time_range';
import { kLatencySources, kSourceLabels, type LatencySource } from '@/model/turn_latency';
import { Segmented } from '@/widgets/button';
import { LineChart, type Series } from '@/widgets/line_chart';
import { Section } from '@/widgets/section';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { useAgentNames } from './agent_names';
import { LatencyTable, StageTable, type LineRow } from './latency_table';

/** Each group has one colour in the chart; further groups are in the table only. */
const kSeriesColors = ['kind-llm', 'kind-tool', 'kind-tts', 'kind-s2s', 'kind-stt'] as const;

interface LatencySectionProps {
  readonly view: AnalyticsView;
  readonly range: Query;
  readonly source: LatencySource;
  readonly lines: readonly LineRow[];
  readonly change: (next: Partial<AnalyticsView>) => void;
}

/** Percentiles of one stage over time, beside those of all stages or of each group. */
export function LatencySection({ view, range, source, lines, change }: LatencySectionProps): JSX.Element {
  const grouping: Grouping = view.grouping === 'agent' || hasModels(view.stage) ? view.grouping : 'none';
  const line: StatLine = useMemo(() => ({ stage: view.stage, label: '', ...(view.stage === 'response' ? { source } : {}) }), [view.stage, source]);
  const query = useMemo<Query>(() => [...lineQuery(line), ['group_by', grouping], ...range], [line, grouping, range]);
  const overTime = useMemo<Query>(() => [...query, ['interval', bucketOfTimeRange(view.range, new Date())]], [query, view.range]);
  const names = useAgentNames();
  const select = useCallback((found: readonly LatencyRow[]) => (grouping === 'agent' ? found.map((row) => ({ ...row, group: names.get(Number(row.group)) ?? row.group })) : found), [grouping, names]);
  const rows = useQuery({ ...latencyQuery(query), select, placeholderData: keepPreviousData });
  const buckets = useQuery({ ...latencyQuery(overTime), select, placeholderData: keepPreviousData });
  const chart = useMemo(() => {
    const { timesS, series } = latencySeries(buckets.data ?? []);
    const drawn = series.slice(0, kSeriesColors.length).flatMap((group, at): readonly Series[] => {
      const color = kSeriesColors[at]!;
      // Groups are compared by one line each.
      if (grouping !== 'none') return [{ label: `${group.group === '' ? 'unknown' : group.group} p95`, color, values: group.p95 }];
      return [
        { label: 'p95', color, values: group.p95 },
        { label: 'p50, dashed', color, dash: [4, 3], values: group.p50 },
      ];
    });
    return { timesS, series: drawn };
  }, [buckets.data, grouping]);
  const pick = useCallback((fromS: number, toS: number) => change({ range: { type: 'between', from: new Date(fromS * 1000).toISOString(), to: new Date(toS * 1000).toISOString() } }), [change]);
  const stage = kStatStages.find((candidate) => candidate.id === view.stage)!;
  const none = (
    <Nothing title={`No ${view.stage === 'response' ? `${source} response` : stage.label.toLowerCase()} latency in this time`}>
      {view.stage === 'response' ? 'Recordings tell what was heard, some frameworks report a latency, and spans let one be computed: another source may have it.' : 'Choose a longer time, or another stage.'}
    </Nothing>
  );

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
          {view.stage === 'response' && <Segmented<LatencySource> label="Source" value={source} options={kLatencySources.map((known) => ({ value: known, label: kSourceLabels[known] }))} onChange={(next) => change({ source: next })} />}
        </>
      }
    >
      {rows.isPending ? (
        <Skeleton rows={8} label="latency" />
      ) : rows.isError ? (
        <Failure error={rows.error} what="The latency statistics" onRetry={() => void rows.refetch()} />
      ) : rows.data.length === 0 && grouping !== 'none' ? (
        none
      ) : (
        <div className={`grid transition-opacity xl:grid-cols-[minmax(0,1fr)_minmax(0,36rem)] ${rows.isPlaceholderData ? 'opacity-60' : ''}`}>
          <div className="min-w-0 border-line py-3 pr-2 xl:border-r">
            {rows.data.length === 0 ? (
              none
            ) : chart.timesS.length < 2 ? (
              <Nothing title={buckets.isPending ? 'Loading…' : 'Too little time to draw a line'} />
            ) : (
              <LineChart label={`${stage.label} latency over time`} times={chart.timesS} series={chart.series} height={240} format={formatLatency} onPick={pick} />
            )}
          </div>
          {grouping === 'none' ? (
            <StageTable rows={lines} chosen={line} onChoose={(next) => change({ stage: next.stage, ...(next.source === undefined ? {} : { source: next.source }) })} />
          ) : (
            <LatencyTable rows={rows.data} grouping={grouping} stage={view.stage} />
          )}
        </div>
      )}
    </Section>
  );
}

/** Only the response has sources; the other stages are what the spans say. */
export const lineQuery = (line: StatLine): Query => (line.source === undefined ? [['stage', line.stage]] : [['stage', line.stage], ['source', line.source]]);
