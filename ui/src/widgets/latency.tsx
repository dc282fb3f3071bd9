import type { JSX } from 'react';
import type { Turn } from '@/api/types';
import { formatLatency } from '@/base/format';
import { gradeLatency, kBadMs, kSlowMs, waitShares } from '@/model/turn_latency';
import { NotCaptured } from './state';

const kGradeInk = { fine: 'text-ink', slow: 'text-warn', bad: 'text-bad' } as const;

/** A response latency, coloured where it would be noticed on the phone. */
export function Latency({ value, strong = false }: { readonly value: number | undefined; readonly strong?: boolean }): JSX.Element {
  if (value === undefined) return <NotCaptured short />;
  const grade = gradeLatency(value);
  return (
    <span className={`num whitespace-nowrap ${kGradeInk[grade]} ${strong || grade === 'bad' ? 'font-semibold' : ''}`} title={grade === 'fine' ? undefined : `Over ${formatLatency(grade === 'slow' ? kSlowMs : kBadMs)}`}>
      {formatLatency(value)}
    </span>
  );
}

export const stageBackground = (color: string): { readonly className: string; readonly style: { readonly background?: string } } =>
  color === 'unattributed' ? { className: 'hatched', style: {} } : { className: '', style: { background: `var(--color-kind-${color})` } };

/** What one answer waited for, laid end to end on a scale of `scaleMs`. */
export function WaitBar({ turn, scaleMs, height = 8 }: { readonly turn: Turn; readonly scaleMs: number; readonly height?: number }): JSX.Element {
  const shares = waitShares(turn);
  const label = shares.map((share) => `${share.label} ${formatLatency(share.ms)}`).join(', ');
  return (
    <div role="img" aria-label={label === '' ? 'No stage was captured' : label} title={label} className="flex w-full overflow-hidden rounded-[2px] bg-line/50" style={{ height }}>
      {shares.map((share) => {
        const look = stageBackground(share.color);
        return <div key={share.label} className={`${look.className} border-r border-canvas`} style={{ ...look.style, width: `${(share.ms / Math.max(1, scaleMs)) * 100}%`, minWidth: 2 }} />;
      })}
    </div>
  );
}
