import { useParams } from '@tanstack/react-router';
import { useEffect, type JSX } from 'react';
import { ApiError } from '@/api/client';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { CallScreen } from './call_screen';
import { useLiveCall } from './use_live_call';

export function CallPage(): JSX.Element {
  const id = Number(useParams({ strict: false, select: (params: { readonly callId?: string }) => params.callId }));
  return Number.isSafeInteger(id) ? <LoadedCall key={id} id={id} /> : <Nothing title="A call’s id is a number" />;
}

function LoadedCall({ id }: { readonly id: number }): JSX.Element {
  const { call, spans, spansQuery, live } = useLiveCall(id);
  useEffect(() => {
    document.title = `${call.data?.agentName ?? 'Call'} ${id} · Callscope`;
  }, [call.data?.agentName, id]);
  if (call.isPending) return <Skeleton rows={16} label="call" />;
  if (call.data === undefined) {
    const missing = call.error instanceof ApiError && call.error.status === 404;
    return missing ? <Nothing title="There is no such call">It may have been deleted, or removed as it grew old.</Nothing> : <Failure error={call.error} what="The call" onRetry={() => void call.refetch()} />;
  }
  return <CallScreen call={call.data} spans={spans} spansLoading={spansQuery.isPending} spansError={spansQuery.error ?? undefined} onRetrySpans={() => void spansQuery.refetch()} live={live} />;
}
