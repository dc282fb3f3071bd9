import type { JSX, ReactNode } from 'react';
import type { KindColor } from '@/model/span_kind';

/** The name of a row, left of the time axis, with the colour of what it holds. */
export function GutterLabel({ width, text, color, count, children }: { readonly width: number; readonly text: string; readonly color?: KindColor; readonly count?: number; readonly children?: ReactNode }): JSX.Element {
  return (
    <div className="flex h-full max-h-7 shrink-0 items-center gap-1.5 overflow-hidden px-2.5 text-xs leading-none whitespace-nowrap text-dim" style={{ width }}>
      {color !== undefined && <span className="h-2.5 w-1 shrink-0 rounded-[1px]" style={{ background: `var(--color-kind-${color})` }} />}
      <span className="truncate leading-4">{text}</span>
      {count !== undefined && <span className="num ml-auto text-[10.5px] text-faint">{count}</span>}
      {children}
    </div>
  );
}
