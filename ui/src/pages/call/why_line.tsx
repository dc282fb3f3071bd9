import type { JSX } from 'react';
import type { ToolUse, Turn } from '@/api/types';
import { formatLatency } from '@/base/format';
import { reasonsOf, type Reason } from '@/model/why_waited';
import { stageBackground } from '@/widgets/latency';

/** What most of a turn's wait went to, as one sentence. */
export function WhyLine({ turn, tools }: { readonly turn: Turn; readonly tools: readonly ToolUse[] }): JSX.Element | null {
  const reasons = reasonsOf(turn, tools);
  if (reasons.length === 0) return null;
  return (
    <p className="num mt-1 text-xs text-pretty text-ink" aria-label="What most of the wait went to">
      <span className="text-dim">Most of it: </span>
      {reasons.map((reason, at) => (
        <span key={reason.label}>
          {at > 0 && <span className="text-dim">, then </span>}
          <Piece reason={reason} />
        </span>
      ))}
    </p>
  );
}

function Piece({ reason }: { readonly reason: Reason }): JSX.Element {
  const look = stageBackground(reason.color);
  return (
    <>
      <span className="font-semibold whitespace-nowrap">
        <span className={`mr-1 inline-block size-2 rounded-[2px] ${look.className}`} style={look.style} aria-hidden="true" />
        {reason.label} {formatLatency(reason.ms)}
      </span>
      {reason.tool !== undefined && (
        <>
          {' '}
          (<span className={`font-mono break-all ${reason.failed === true ? 'text-bad' : ''}`}>{reason.tool}</span>
          {reason.failed === true && <span className="text-bad"> failed</span>})
        </>
      )}
    </>
  );
}
