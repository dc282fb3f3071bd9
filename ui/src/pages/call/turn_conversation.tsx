import { useQuery } from '@tanstack/react-query';
import { useState, type JSX, type ReactNode } from 'react';
import { messagesQuery } from '@/api/messages';
import { spanQuery } from '@/api/queries';
import type { SpanDetail } from '@/api/types';
import { formatCount, formatUsd, plural } from '@/base/format';
import type { JsonObject } from '@/base/json';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import { knownCount } from '@/model/new_messages';
import { Failure, Skeleton } from '@/widgets/state';
import { MessageList } from './message_list';

/** What the model was asked in a turn and what it said, with what was new since its last answer. */
export function TurnConversation({ call, spans, onSpan }: { readonly call: CallSpans; readonly spans: readonly SpanIndex[]; readonly onSpan: (spanId: string) => void }): JSX.Element | null {
  const asked = spans.filter((index) => isModelCall(call, index));
  const last = asked.at(-1);
  const before = last === undefined ? undefined : previousModelCall(call, asked[0]!);
  const detail = useQuery({ ...spanQuery(...idsOf(call, last)), enabled: last !== undefined });
  const messages = useQuery({ ...messagesQuery(...idsOf(call, last)), enabled: last !== undefined });
  const earlier = useQuery({ ...messagesQuery(...idsOf(call, before)), enabled: before !== undefined });
  const [all, setAll] = useState(false);
  if (last === undefined) return null;
  const error = detail.error ?? messages.error;
  if (error !== null) return <Failure error={error} what="What the model was asked" onRetry={() => void Promise.all([detail.refetch(), messages.refetch()])} />;
  if (detail.data === undefined || messages.data === undefined || (before !== undefined && earlier.isPending)) return <Skeleton rows={3} label="messages" />;
  const { input, output } = messages.data;
  const known = earlier.data === undefined ? 0 : knownCount(earlier.data.input, input);
  const shown = all ? input : input.slice(known);
  return (
    <div className="flex flex-col gap-2">
      <Settings detail={detail.data} calls={asked.length} onSpan={() => onSpan(call.span(last).spanId)} />
      {known > 0 && (
        <button type="button" aria-expanded={all} className="self-start rounded text-xs text-accent hover:underline" onClick={() => setAll(!all)}>
          {all ? `Hide the ${plural(known, 'message')} it knew` : `${plural(known, 'message')} it knew already`}
        </button>
      )}
      {shown.length > 0 ? <MessageList label="What the model was asked" messages={shown} among={input} /> : <p className="text-xs text-faint">{input.length === 0 ? 'Its messages were not captured.' : 'No new message.'}</p>}
      {output.length > 0 && (
        <div className="border-t border-line pt-2">
          <MessageList label="What the model answered" messages={output} />
        </div>
      )}
    </div>
  );
}

function Settings({ detail, calls, onSpan }: { readonly detail: SpanDetail; readonly calls: number; readonly onSpan: () => void }): JSX.Element {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ...(detail.inputTokens === undefined ? [] : [['in', formatCount(detail.inputTokens)] as const]),
    ...(detail.cacheReadTokens === undefined || detail.cacheReadTokens === 0 ? [] : [['cached', formatCount(detail.cacheReadTokens)] as const]),
    ...(detail.outputTokens === undefined ? [] : [['out', formatCount(detail.outputTokens)] as const]),
    ...(detail.costUsd === undefined ? [] : [['cost', formatUsd(detail.costUsd)] as const]),
    ...settingsOf(detail.attributes),
  ];
  return (
    <div className="num flex flex-wrap items-baseline gap-x-3 gap-y-0.5 text-xs">
      <button type="button" className="font-medium text-accent hover:underline" onClick={onSpan}>
        {detail.model ?? detail.name}
      </button>
      {calls > 1 && <span className="text-faint">the last of {plural(calls, 'request')}</span>}
      {facts.map(([name, value]) => (
        <span key={name} className="whitespace-nowrap text-ink">
          <span className="text-faint">{name}</span> {value}
        </span>
      ))}
    </div>
  );
}

const kSettings = ['temperature', 'top_p', 'max_tokens', 'seed', 'frequency_penalty', 'presence_penalty', 'reasoning_effort'] as const;

function settingsOf(attributes: JsonObject): readonly (readonly [string, string])[] {
  return kSettings.flatMap((name) => {
    const value = attributes[`gen_ai.request.${name}`] ?? attributes[`llm.${name}`];
    return typeof value === 'number' || typeof value === 'string' ? [[name.replaceAll('_', ' '), String(value)] as const] : [];
  });
}

function idsOf(call: CallSpans, index: SpanIndex | undefined): readonly [traceId: string, spanId: string] {
  const span = index === undefined ? undefined : call.span(index);
  return [span?.traceId ?? '', span?.spanId ?? ''];
}

const isModelCall = (call: CallSpans, index: SpanIndex): boolean => call.span(index).kind === 'llm' || call.span(index).kind === 's2s';

function previousModelCall(call: CallSpans, from: SpanIndex): SpanIndex | undefined {
  for (let at = from - 1; at >= 0; at--) if (isModelCall(call, at as SpanIndex)) return at as SpanIndex;
  return undefined;
}
