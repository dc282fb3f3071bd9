import type { JSX, ReactNode } from 'react';
import type { CallState, SpanKind } from '@/api/types';
import { kKindStyles } from '@/model/span_kind';

type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'accent';

const kTones: Readonly<Record<Tone, string>> = {
  neutral: 'border-line-strong text-dim',
  good: 'border-good/50 text-good',
  warn: 'border-warn/50 text-warn',
  bad: 'border-bad/50 text-bad',
  accent: 'border-accent/50 text-accent',
};

export function Badge({ tone = 'neutral', title, children }: { readonly tone?: Tone; readonly title?: string | undefined; readonly children: ReactNode }): JSX.Element {
  return (
    <span title={title} className={`inline-flex h-[18px] shrink-0 items-center gap-1 rounded-[3px] border px-1.5 text-2xs font-medium whitespace-nowrap ${kTones[tone]}`}>
      {children}
    </span>
  );
}

const kStateWords: Readonly<Record<CallState, string>> = { running: 'running', quiet: 'quiet', ended: 'ended' };

/** Running, quiet (nothing came for a while, but nothing said it ended) or ended. */
export function StateBadge({ state }: { readonly state: CallState }): JSX.Element {
  const dot = state === 'running' ? 'bg-good breathing' : state === 'quiet' ? 'bg-warn' : 'bg-line-strong';
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${state === 'running' ? 'font-medium text-good' : state === 'quiet' ? 'text-warn' : 'text-dim'}`}>
      <span className={`size-1.5 rounded-full ${dot}`} />
      {kStateWords[state]}
    </span>
  );
}

export function KindBadge({ kind }: { readonly kind: SpanKind }): JSX.Element {
  const style = kKindStyles[kind];
  const color = `var(--color-kind-${style.color})`;
  return (
    <span className="inline-flex h-[18px] shrink-0 items-center rounded-[3px] px-1.5 text-2xs font-semibold" style={{ color, background: `color-mix(in srgb, ${color} 8%, transparent)` }}>
      {style.label}
    </span>
  );
}
