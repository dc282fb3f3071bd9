// Short ways to write spans, for tests.
import type { Span } from '@/api/types';
import { epochNs } from '@/base/units';

export const kOrigin = epochNs(1_000_000_000_000n);

/** Makes a span from `startMs` to `endMs` after `kOrigin`. */
export function sampleSpan(spanId: string, startMs: number, endMs: number, more: Partial<Span> = {}): Span {
  return {
    traceId: 't',
    spanId,
    name: spanId,
    otelKind: 'INTERNAL',
    startNs: epochNs(kOrigin + BigInt(Math.round(startMs * 1e6))),
    endNs: epochNs(kOrigin + BigInt(Math.round(endMs * 1e6))),
    status: 'UNSET',
    flags: [],
    kind: 'other',
    billable: false,
    isError: false,
    isDurationValid: true,
    isProvisional: false,
    ...more,
  };
}
