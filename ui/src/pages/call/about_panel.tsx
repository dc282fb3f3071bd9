import type { JSX, ReactNode } from 'react';
import type { Call } from '@/api/types';
import { formatCount, formatUsd } from '@/base/format';
import { CopyButton, CopyableId } from '@/widgets/copy';
import { Unknown } from '@/widgets/state';
import { RecordingsList } from './recordings_list';

/** Ids, totals and metadata: what is seldom needed, in full. */
export function AboutPanel({ call }: { readonly call: Call }): JSX.Element {
  const { totals } = call;
  const count = (value: number | undefined): ReactNode => (value === undefined ? <Unknown /> : formatCount(value));
  const metadata = Object.entries(call.metadata);
  return (
    <div className="grid min-h-0 flex-1 content-start gap-x-8 gap-y-5 overflow-y-auto p-4 md:grid-cols-2 2xl:grid-cols-4">
      <List title="Call">
        <Item name="Id">{call.id}</Item>
        <Item name="Call id">{call.callId === undefined ? <Unknown /> : <CopyableId id={call.callId} what="call id" length={60} />}</Item>
        <Item name="Agent">{call.agentName ?? <Unknown />} {call.agentName !== undefined && call.agentId !== undefined && <span className="text-faint">({call.agentId})</span>}</Item>
        {call.traceIds.map((id) => (
          <Item key={id} name="Trace">
            <CopyableId id={id} what="trace id" length={32} />
          </Item>
        ))}
        {call.direction !== undefined && <Item name="Direction">{call.direction}</Item>}
        {call.from !== undefined && <Item name="From">{call.from}</Item>}
        {call.to !== undefined && <Item name="To">{call.to}</Item>}
        {call.transport !== undefined && <Item name="Transport">{call.transport}</Item>}
        <Item name="Sources">{call.sources.join(', ')}</Item>
        <Item name="Spans">{count(call.spanCount)}</Item>
        <Item name="Errors">{count(call.errorCount)}</Item>
      </List>
      <List title="Totals">
        <Item name="Input tokens">{count(totals.inputTokens)}</Item>
        <Item name="Output tokens">{count(totals.outputTokens)}</Item>
        <Item name="Read from cache">{count(totals.cacheReadTokens)}</Item>
        <Item name="Written to cache">{count(totals.cacheWriteTokens)}</Item>
        <Item name="Reasoning tokens">{count(totals.reasoningTokens)}</Item>
        <Item name="Audio tokens in">{count(totals.audioInputTokens)}</Item>
        <Item name="Audio tokens out">{count(totals.audioOutputTokens)}</Item>
        <Item name="Characters spoken">{count(totals.characters)}</Item>
        <Item name="Audio transcribed">{totals.sttAudioS === undefined ? <Unknown /> : `${totals.sttAudioS.toFixed(1)} s`}</Item>
        <Item name="Audio synthesised">{totals.ttsAudioS === undefined ? <Unknown /> : `${totals.ttsAudioS.toFixed(1)} s`}</Item>
        <Item name="Cost">{totals.costUsd === undefined ? <Unknown /> : formatUsd(totals.costUsd)}</Item>
      </List>
      <section className="min-w-0">
        <h2 className="mb-1.5 text-xs font-semibold text-dim">Recordings</h2>
        <RecordingsList call={call} />
      </section>
      <List title="Metadata">
        {metadata.length === 0 && <p className="text-faint">None was sent.</p>}
        {metadata.map(([key, value]) => (
          <Item key={key} name={key}>
            <span dir="auto" className="min-w-0 break-words">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
            <CopyButton text={typeof value === 'string' ? value : JSON.stringify(value)} label={`Copy ${key}`} />
          </Item>
        ))}
      </List>
    </div>
  );
}

function List({ title, children }: { readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <section className="min-w-0">
      <h2 className="mb-1.5 text-xs font-semibold text-dim">{title}</h2>
      <dl className="num grid grid-cols-[8.5rem_minmax(0,1fr)] gap-y-1 text-xs">{children}</dl>
    </section>
  );
}

function Item({ name, children }: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt className="truncate text-faint" title={name}>{name}</dt>
      <dd className="flex min-w-0 items-center gap-1 text-ink">{children}</dd>
    </>
  );
}
