import type { JSX } from 'react';
import { NotCaptured } from '@/widgets/state';

/** A difference with its sign; coloured where it is large enough to matter and one direction is better. */
export function Delta(props: { readonly a: number | undefined; readonly b: number | undefined; readonly format: (value: number) => string; readonly more: 'worse' | 'better' | 'neither' }): JSX.Element {
  const { a, b, format, more } = props;
  if (a === undefined || b === undefined) return <NotCaptured short />;
  const delta = b - a;
  if (Math.abs(delta) < 1e-9) return <span className="text-faint">same</span>;
  const matters = Math.abs(delta) > 0.1 * Math.max(Math.abs(a), Math.abs(b));
  const worse = more !== 'neither' && (delta > 0) === (more === 'worse');
  const ink = !matters || more === 'neither' ? 'text-dim' : worse ? 'font-semibold text-bad' : 'font-semibold text-good';
  return (
    <span className={`whitespace-nowrap ${ink}`}>
      {delta > 0 ? '+' : '−'}
      {format(Math.abs(delta))}
    </span>
  );
}
