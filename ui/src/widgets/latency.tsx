import type { JSX } from 'react';
import type { Stages } from '@/api/types';
import { formatLatency } from '@/base/format';
import { gradeLatency, kBadMs, kSlowMs, stageShares } from '@/model/turn_latency';
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

/** The stages of one answer laid end to end, on a scale of `scaleMs`. */
export function StageBar({ stages, scaleMs, height = 8 }: { readonly stages: Stages; readonly scaleMs: number; readonly height?: number }): JSX.Element {
  const shares = stageShares(stages);
  const label = shares.map((share) => `${share.label} ${formatLatency(share.ms)}`).join(', ');
  return (
    <div role="img" aria-label={label === '' ? 'No stage was captured' : label} title={label} className="flex w-full overflow-hidden rounded-[2px] bg-line/50" style={{ height }}>
      {shares.map((share) => {
        const look = stageBackground(share.color);
        return <div key={share.id} className={`${look.className} border-r border-canvas`} style={{ ...look.style, width: `${(share.ms / Math.max(1, scaleMs)) * 100}%`, minWidth: 2 }} />;
      })}
    </div>
  );
}
