import { useQuery } from '@tanstack/react-query';
import { useState, type JSX, type ReactNode } from 'react';
import { messagesQuery } from '@/api/messages';
import { spanQuery } from '@/api/queries';
import type { SpanDetail } from '@/api/types';
import { formatCount, formatDuration, formatOffset, formatUsd, plural } from '@/base/format';
import { jsonInText, type Json, type JsonObject } from '@/base/json';
import { msSince, type EpochNs } from '@/base/units';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import { Badge, KindBadge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { CopyButton, CopyableId } from '@/widgets/copy';
import { TextField } from '@/widgets/field';
import { Icon } from '@/widgets/icon';
import { JsonView } from '@/widgets/json_view';
import { Failure, Skeleton } from '@/widgets/state';
import { MessageList } from './message_list';
import { RawSpan } from './raw_span';

/** A longer conversation is opened on demand. */
const kMessagesOpen = 4;

interface SpanInspectorProps {
  readonly call: CallSpans;
  readonly index: SpanIndex;
  readonly origin: EpochNs;
  readonly onSpan: (spanId: string) => void;
  readonly onTurn: (index: number) => void;
  readonly onZoom: () => void;
}

export function SpanInspector({ call, index, origin, onSpan, onTurn, onZoom }: SpanInspectorProps): JSX.Element {
  const span = call.span(index);
  const detail = useQuery(spanQuery(span.traceId, span.spanId));
  const [find, setFind] = useState('');
  const parent = call.parent(index);
  const placement = call.placement(index);
  const turn = span.turnIndex;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="border-b border-line px-4 py-2.5">
        <div className="flex items-center gap-2">
          <KindBadge kind={span.kind} />
          <h2 className="min-w-0 truncate text-sm font-semibold text-ink" title={span.name}>{span.name}</h2>
          {span.isError && <Badge tone="bad">failed</Badge>}
          {span.isProvisional && <Badge title="It has not ended yet">still open</Badge>}
          {!span.isDurationValid && <Badge tone="warn" title="How long this span lasted says nothing about how long the work took">duration means little</Badge>}
          {span.flags.map((flag) => (
            <Badge key={flag} tone="warn">{flag.replaceAll('_', ' ')}</Badge>
          ))}
          <Button look="quiet" className="ml-auto" onClick={onZoom}>
            Zoom <kbd className="font-mono text-2xs text-faint">z</kbd>
          </Button>
        </div>
        <dl className="num mt-1.5 grid grid-cols-[5rem_minmax(0,1fr)_5rem_minmax(0,1fr)] gap-x-2 gap-y-0.5 text-xs">
          <Fact name="Start">{formatOffset(call.start[index]!)}</Fact>
          <Fact name="Duration">{formatDuration(call.durationMs(index))}</Fact>
          {span.model !== undefined && <Fact name="Model">{span.model}</Fact>}
          {span.provider !== undefined && <Fact name="Provider">{span.provider}</Fact>}
          {span.toolName !== undefined && <Fact name="Tool">{span.toolName}</Fact>}
          {span.latencyMs !== undefined && <Fact name="First result">{formatDuration(span.latencyMs)}</Fact>}
          {span.inputTokens !== undefined && (
            <Fact name="Tokens in">
              {formatCount(span.inputTokens)}
              {span.cacheReadTokens !== undefined && span.cacheReadTokens > 0 && <span className="ml-1 text-faint">{formatCount(span.cacheReadTokens)} cached</span>}
            </Fact>
          )}
          {span.outputTokens !== undefined && <Fact name="Tokens out">{formatCount(span.outputTokens)}</Fact>}
          {span.characters !== undefined && <Fact name="Characters">{formatCount(span.characters)}</Fact>}
          {span.costUsd !== undefined && <Fact name="Cost">{formatUsd(span.costUsd)}</Fact>}
          {turn !== undefined && (
            <Fact name="Turn">
              <button type="button" className="text-accent hover:underline" onClick={() => onTurn(turn)}>{turn}</button>
            </Fact>
          )}
          <Fact name="Span"><CopyableId id={span.spanId} what="span id" length={16} /></Fact>
          <Fact name="Trace"><CopyableId id={span.traceId} what="trace id" length={8} /></Fact>
          <Fact name="Parent">
            {parent !== undefined ? (
              <button type="button" className="truncate text-accent hover:underline" onClick={() => onSpan(call.span(parent).spanId)}>{call.span(parent).name}</button>
            ) : placement === 'orphan' ? (
              <span className="text-warn" title={span.parentSpanId}>never came</span>
            ) : placement === 'cycle' ? (
              <span className="text-warn">a circle</span>
            ) : (
              'none, a root'
            )}
          </Fact>
          <Fact name="Framework">{span.framework ?? 'unknown'}</Fact>
        </dl>
      </div>
      {span.isError && span.statusMessage !== undefined && (
        <div className="border-b border-line bg-bad/6 px-4 py-2 font-mono text-2xs break-words text-bad">{span.statusMessage}</div>
      )}
      {detail.isPending ? <Skeleton label="span" /> : detail.isError ? <Failure error={detail.error} what="The span" onRetry={() => void detail.refetch()} /> : <Detail detail={detail.data} origin={origin} find={find} onFind={setFind} onSpan={onSpan} />}
    </div>
  );
}

function Detail({ detail, origin, find, onFind, onSpan }: { readonly detail: SpanDetail; readonly origin: EpochNs; readonly find: string; readonly onFind: (text: string) => void; readonly onSpan: (spanId: string) => void }): JSX.Element {
  const count = Object.keys(detail.attributes).length;
  return (
    <>
      {detail.events.length > 0 && (
        <Part title={`Events (${detail.events.length})`} open>
          <ul className="flex flex-col gap-2">
            {detail.events.map((event, at) => (
              <li key={at} className="text-xs">
                <div className="flex items-baseline gap-2">
                  <span className="num font-mono text-2xs text-faint">{formatOffset(msSince(origin, event.timeNs))}</span>
                  <span className={`font-medium ${event.name === 'exception' ? 'text-bad' : 'text-ink'}`}>{event.name}</span>
                </div>
                {event.name === 'exception' ? <Exception attributes={event.attributes} /> : <Attributes attributes={event.attributes} find={find} />}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Messages traceId={detail.traceId} spanId={detail.spanId} />
      <Part
        title={`Attributes (${count})`}
        open
        controls={
          <>
            <TextField type="search" aria-label="Search attributes" placeholder="Search keys and values" value={find} onChange={(event) => onFind(event.target.value)} className="h-6! w-44" />
            <CopyButton text={JSON.stringify(detail.attributes, undefined, 2)} label="Copy all attributes as JSON" />
          </>
        }
      >
        {count === 0 ? <span className="text-faint">none</span> : <Attributes attributes={detail.attributes} find={find} />}
      </Part>
      {detail.links.length > 0 && (
        <Part title={`Links (${detail.links.length})`} open>
          <ul className="flex flex-col gap-1 text-xs">
            {detail.links.map((link, at) => (
              <li key={at} className="flex items-center gap-3">
                <CopyableId id={link.traceId} what="trace id" length={32} />
                <button type="button" className="font-mono text-2xs text-accent hover:underline" onClick={() => onSpan(link.spanId)}>{link.spanId}</button>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={`Resource (${Object.keys(detail.resource).length})`} open={find !== ''}>
        <Attributes attributes={detail.resource} find={find} />
      </Part>
      <Part title="Scope and status">
        <dl className="num grid grid-cols-[8rem_minmax(0,1fr)] gap-y-0.5 text-xs">
          <Fact name="Scope">{detail.scopeName ?? 'none'} {detail.scopeVersion}</Fact>
          <Fact name="OTel kind">{detail.otelKind}</Fact>
          <Fact name="Status">{detail.status}{detail.statusMessage === undefined ? '' : `: ${detail.statusMessage}`}</Fact>
          <Fact name="Start, Unix ns">{String(detail.startNs)}</Fact>
          <Fact name="End, Unix ns">{String(detail.endNs)}</Fact>
          <Fact name="Counts for cost">{detail.billable ? 'yes' : 'no'}</Fact>
        </dl>
      </Part>
      <Part title="Raw OTLP">
        <RawSpan traceId={detail.traceId} spanId={detail.spanId} />
      </Part>
    </>
  );
}

/** What the model was given and gave, where the span tells of it. */
function Messages({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): JSX.Element | null {
  const messages = useQuery(messagesQuery(traceId, spanId));
  if (messages.isError) return <Failure error={messages.error} what="Its messages" onRetry={() => void messages.refetch()} />;
  const lists = [
    { title: 'Input', messages: messages.data?.input ?? [] },
    { title: 'Output', messages: messages.data?.output ?? [] },
  ].filter((list) => list.messages.length > 0);
  return (
    <>
      {lists.map((list) => (
        <Part key={list.title} title={`${list.title} messages (${list.messages.length})`} open={list.title === 'Output' || list.messages.length <= kMessagesOpen}>
          <MessageList label={`${list.title} messages`} messages={list.messages} />
        </Part>
      ))}
    </>
  );
}

/** Attributes one below the other; long values and JSON in boxes of their own. */
function Attributes({ attributes, find }: { readonly attributes: JsonObject; readonly find: string }): JSX.Element {
  const words = find.trim().toLowerCase();
  const entries = Object.entries(attributes)
    .filter(([key, value]) => words === '' || key.toLowerCase().includes(words) || textOf(value).toLowerCase().includes(words))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return <span className="text-xs text-faint">{words === '' ? 'none' : 'no match'}</span>;
  return (
    <dl className="flex flex-col text-xs">
      {entries.map(([key, value]) => {
        const text = textOf(value);
        const boxed = text.length > 120 || (typeof value === 'string' ? jsonInText(value) !== undefined : typeof value === 'object');
        return (
          <div key={key} className={`group border-b border-line/60 py-1 last:border-0 ${boxed ? '' : 'grid grid-cols-[minmax(7rem,13rem)_minmax(0,1fr)] gap-2'}`}>
            <dt className="font-mono text-2xs break-all text-dim">{key}</dt>
            <dd className={`min-w-0 ${boxed ? 'mt-1' : 'flex font-mono text-2xs text-ink'}`}>
              {boxed ? (
                <JsonView value={value} label={key} />
              ) : (
                <>
                  <span className="min-w-0 flex-1 break-words">{text}</span>
                  <CopyButton text={text} label={`Copy ${key}`} className="h-4! opacity-0 group-hover:opacity-100 focus-visible:opacity-100" />
                </>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function Exception({ attributes }: { readonly attributes: JsonObject }): JSX.Element {
  const stack = attributes['exception.stacktrace'];
  return (
    <div className="mt-1">
      <p className="font-mono text-2xs break-words text-bad">{textOf(attributes['exception.message'] ?? attributes['exception.type'] ?? '')}</p>
      {typeof stack === 'string' && (
        <details className="mt-1">
          <summary className="cursor-pointer text-2xs text-dim">Stack, {plural(stack.split('\n').length, 'line')}</summary>
          <div className="relative mt-1">
            <pre className="max-h-72 overflow-auto rounded border border-line bg-panel px-2.5 py-2 font-mono text-2xs leading-[1.05rem] text-ink" tabIndex={0}>{stack}</pre>
            <CopyButton text={stack} label="Copy stack" className="absolute! top-1 right-1 bg-panel" />
          </div>
        </details>
      )}
    </div>
  );
}

function Part({ title, open = false, controls, children }: { readonly title: string; readonly open?: boolean; readonly controls?: ReactNode; readonly children: ReactNode }): JSX.Element {
  const [isOpen, setOpen] = useState(open);
  return (
    <section className="border-b border-line">
      <div className="flex h-8 items-center gap-1.5 pr-3 pl-3">
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} className="flex items-center gap-1.5 rounded text-xs font-semibold text-dim hover:text-ink">
          <Icon name="down" className={`size-3 ${isOpen ? '' : '-rotate-90'}`} />
          {title}
        </button>
        {controls !== undefined && isOpen && <div className="ml-auto flex items-center gap-1">{controls}</div>}
      </div>
      {isOpen && <div className="px-4 pb-3">{children}</div>}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="flex min-w-0 items-center text-ink">{children}</dd>
    </>
  );
}
