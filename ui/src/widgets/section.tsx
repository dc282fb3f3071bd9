import type { JSX, ReactNode } from 'react';

/** A titled part of a page, with its controls at the right. */
export function Section(props: { readonly title: string; readonly note?: ReactNode; readonly controls?: ReactNode; readonly children: ReactNode; readonly className?: string }): JSX.Element {
  return (
    <section aria-label={props.title} className={`min-w-0 rounded-md border border-line bg-canvas ${props.className ?? ''}`}>
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
        <h2 className="text-sm font-semibold text-ink">{props.title}</h2>
        {props.note !== undefined && <span className="text-xs text-dim">{props.note}</span>}
        {props.controls !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{props.controls}</div>}
      </div>
      {props.children}
    </section>
  );
}
