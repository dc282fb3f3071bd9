import { Link } from '@tanstack/react-router';
import type { JSX, ReactNode } from 'react';
import type { Call } from '@/api/types';
import { formatCount, formatDuration, formatLatency, formatLength, formatUsd } from '@/base/format';
import { callFacts } from '@/model/call_facts';
import { costOf } from '@/model/cost';
import { kSourceLabels, summariseLatency, type LatencySource } from '@/model/turn_latency';
import { NotCaptured } from '@/widgets/state';
import { Delta } from './delta';

interface Row {
  readonly label: string;
  readonly a: number | undefined;
  readonly b: number | undefined;
  readonly format: (value: number) => string;
  /** Whether more is worse, better, or neither. */
  readonly more: 'worse' | 'better' | 'neither';
}

/** What the two calls were as a whole, and by how much they differ. */
export function TotalsTable({ a, b, source }: { readonly a: Call; readonly b: Call; readonly source: LatencySource | undefined }): JSX.Element {
  const rows = rowsOf(a, b, source);
  return (
    <section aria-label="Totals" className="overflow-x-auto rounded-md border border-line bg-canvas">
      <table className="num w-full border-collapse text-xs">
        <thead>
          <tr className="border-b border-line-strong text-left text-dim">
            <td className="py-1.5 pl-4" />
            {rows.map((row) => (
              <th key={row.label} scope="col" className="px-2.5 py-1.5 text-right font-medium whitespace-nowrap last:pr-4">
                {row.label}
              </th>
            ))}
            <th scope="col" className="px-2.5 py-1.5 pr-4 text-left font-medium">End</th>
          </tr>
        </thead>
        <tbody>
          {(['a', 'b'] as const).map((which) => {
            const call = which === 'a' ? a : b;
            return (
              <tr key={which} className="border-b border-line">
                <th scope="row" className="py-1.5 pl-4 text-left font-medium whitespace-nowrap">
                  <span className="mr-2 font-mono text-2xs text-faint">{which.toUpperCase()}</span>
                  <Link to="/calls/$callId" params={{ callId: String(call.id) }} search={{}} className="text-accent hover:underline">
                    call {call.id}
                  </Link>{' '}
                  <span className="font-normal text-dim">{call.agentName}</span>
                </th>
                {rows.map((row) => (
                  <td key={row.label} className="px-2.5 py-1.5 text-right whitespace-nowrap text-ink last:pr-4">
                    {value(row, row[which])}
                  </td>
                ))}
                <td className="px-2.5 py-1.5 pr-4 text-ink">{call.endReason ?? <NotCaptured />}</td>
              </tr>
            );
          })}
          <tr>
            <th scope="row" className="py-1.5 pl-4 text-left font-medium text-dim">B − A</th>
            {rows.map((row) => (
              <td key={row.label} className="px-2.5 py-1.5 text-right whitespace-nowrap last:pr-4">
                <Delta a={row.a} b={row.b} format={row.format} more={row.more} />
              </td>
            ))}
            <td />
          </tr>
        </tbody>
      </table>
    </section>
  );
}

const value = (row: Row, number: number | undefined): ReactNode => (number === undefined ? <NotCaptured short /> : row.format(number));

function rowsOf(a: Call, b: Call, source: LatencySource | undefined): readonly Row[] {
  const latency = (call: Call): ReturnType<typeof summariseLatency> => (source === undefined ? undefined : summariseLatency(call.turns, source));
  const [latencyA, latencyB, factsA, factsB] = [latency(a), latency(b), callFacts(a), callFacts(b)];
  const name = source === undefined ? 'Response' : kSourceLabels[source];
  const silence = (facts: typeof factsA): number | undefined => (facts?.longestSilence === undefined ? undefined : (facts.longestSilence.endS - facts.longestSilence.startS) * 1000);
  return [
    { label: 'Duration', a: a.durationS, b: b.durationS, format: formatLength, more: 'neither' },
    { label: 'Turns', a: a.turnCount, b: b.turnCount, format: formatCount, more: 'neither' },
    { label: `${name} p50`, a: latencyA?.p50Ms, b: latencyB?.p50Ms, format: formatLatency, more: 'worse' },
    { label: `${name} p95`, a: latencyA?.p95Ms, b: latencyB?.p95Ms, format: formatLatency, more: 'worse' },
    { label: 'n', a: latencyA?.n, b: latencyB?.n, format: formatCount, more: 'neither' },
    { label: 'Longest silence', a: silence(factsA), b: silence(factsB), format: formatDuration, more: 'worse' },
    { label: 'Interruptions', a: a.interruptionCount, b: b.interruptionCount, format: formatCount, more: 'worse' },
    { label: 'Tools', a: a.toolCount, b: b.toolCount, format: formatCount, more: 'neither' },
    { label: 'Failed', a: a.toolErrorCount, b: b.toolErrorCount, format: formatCount, more: 'worse' },
    { label: 'Tokens in', a: a.totals.inputTokens, b: b.totals.inputTokens, format: formatCount, more: 'worse' },
    { label: 'Tokens out', a: a.totals.outputTokens, b: b.totals.outputTokens, format: formatCount, more: 'neither' },
    { label: 'Cost', a: costOf(a).usd, b: costOf(b).usd, format: formatUsd, more: 'worse' },
  ];
}
