import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { rawSpanQuery } from '@/api/queries';
import { JsonView } from '@/widgets/json_view';
import { Failure, Nothing, Skeleton } from '@/widgets/state';

/** The span as it was sent. It is asked for only when this is shown, as it comes with its whole trace. */
export function RawSpan({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): JSX.Element {
  const raw = useQuery(rawSpanQuery(traceId, spanId));
  if (raw.isPending) return <Skeleton rows={4} label="raw span" />;
  if (raw.isError) return <Failure error={raw.error} what="The raw span" onRetry={() => void raw.refetch()} />;
  return raw.data === null ? <Nothing title="The trace no longer has it" /> : <JsonView value={raw.data} label="OTLP/JSON" />;
}
