import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { followCall, type LiveState } from '@/api/live';
import { callQuery, spansQuery } from '@/api/queries';
import type { Call, Span } from '@/api/types';
import { mergeSpans } from '@/model/call_spans';

/** Turns come with the whole call, which is fetched again at most this often while news arrives: a long call less often. */
const kRefreshMs = 1_000;
const kRefreshMsPerTurn = 3;
const kMergeMs = 150;
/** How often to ask what has become of a recording that is not analysed yet. */
const kAnalysisMs = 3_000;

export interface LiveCall {
  readonly call: UseQueryResult<Call>;
  readonly spans: readonly Span[];
  readonly spansQuery: UseQueryResult<readonly Span[]>;
  readonly live: LiveState;
}

/** A call and its spans, kept fresh for as long as it has not ended. */
export function useLiveCall(id: number): LiveCall {
  const client = useQueryClient();
  const [live, setLive] = useState<LiveState>('stopped');
  // What a long list of spans shows until it is complete.
  const [partial, setPartial] = useState<readonly Span[]>([]);
  const call = useQuery({ ...callQuery(id), refetchInterval: (query) => (awaitsAnalysis(query.state.data) ? kAnalysisMs : false) });
  const spans = useQuery(spansQuery(id, setPartial));
  const follows = call.data !== undefined && call.data.state !== 'ended';
  const loaded = spans.isSuccess;

  useEffect(() => {
    if (!follows || !loaded) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refreshCall = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ['call', id] });
      }, kRefreshMs + kRefreshMsPerTurn * (client.getQueryData<Call>(['call', id])?.turns.length ?? 0));
    };
    // The stream opens with all spans of the call in many small events: they are merged in one go.
    let waiting: Span[] = [];
    let merging: ReturnType<typeof setTimeout> | undefined;
    const merge = (): void => {
      merging = undefined;
      const news = waiting;
      waiting = [];
      client.setQueryData<readonly Span[]>(['spans', id], (known) => mergeSpans(known ?? [], news));
    };
    const refreshAll = (): void => {
      void client.invalidateQueries({ queryKey: ['call', id] });
      void client.invalidateQueries({ queryKey: ['spans', id] });
      void client.invalidateQueries({ queryKey: ['logs', id] });
    };
    const stop = followCall({
      callId: id,
      onState: setLive,
      onPoll: refreshAll,
      onEvent: (event) => {
        if (event.type === 'spans') {
          waiting.push(...event.spans);
          merging ??= setTimeout(merge, kMergeMs);
          refreshCall();
        } else if (event.type === 'call') {
          client.setQueryData<Call>(['call', id], (known) => (known === undefined ? known : { ...known, ...event.call }));
          if (event.call.turnCount !== client.getQueryData<Call>(['call', id])?.turns.length) refreshCall();
        } else refreshAll();
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
      clearTimeout(merging);
      setLive('stopped');
    };
  }, [client, id, follows, loaded]);

  return { call, spans: spans.data ?? partial, spansQuery: spans, live };
}

const awaitsAnalysis = (call: Call | undefined): boolean => call?.audio !== undefined && call.audio.state !== 'done' && call.audio.state !== 'failed';
