import type { JSX, KeyboardEvent, ReactNode } from 'react';

export interface Tab<T extends string> {
  readonly id: T;
  readonly label: string;
  readonly count?: string;
  readonly bad?: boolean;
}

/** A row of tabs; arrows move between them, as the ARIA pattern has it. */
export function Tabs<T extends string>(props: { readonly label: string; readonly tabs: readonly Tab<T>[]; readonly value: T; readonly onChange: (id: T) => void; readonly children?: ReactNode }): JSX.Element {
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = props.tabs.findIndex((tab) => tab.id === props.value);
    const next = props.tabs[(at + step + props.tabs.length) % props.tabs.length]!;
    props.onChange(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div className="flex h-8 shrink-0 items-stretch border-b border-line bg-panel px-1">
      <div role="tablist" aria-label={props.label} className="flex min-w-0 items-stretch overflow-x-auto" onKeyDown={onKeyDown}>
        {props.tabs.map((tab) => {
          const selected = tab.id === props.value;
          return (
            <button
              key={tab.id}
              type="button"
              role="tab"
              data-tab={tab.id}
              aria-selected={selected}
              tabIndex={selected ? 0 : -1}
              onClick={() => props.onChange(tab.id)}
              className={`relative flex items-center gap-1.5 px-2.5 text-xs font-medium whitespace-nowrap outline-offset-[-2px] ${selected ? 'text-ink after:absolute after:inset-x-1.5 after:-bottom-px after:h-0.5 after:bg-accent' : 'text-dim hover:text-ink'}`}
            >
              {tab.label}
              {tab.count !== undefined && <span className={`num text-2xs ${tab.bad === true ? 'font-semibold text-bad' : 'text-faint'}`}>{tab.count}</span>}
            </button>
          );
        })}
      </div>
      {props.children !== undefined && <div className="ml-auto flex items-center gap-1 pl-3">{props.children}</div>}
    </div>
  );
}

/** What a tab shows. */
export function TabPanel({ label, children }: { readonly label: string; readonly children: ReactNode }): JSX.Element {
  return (
    <div role="tabpanel" aria-label={label} className="flex min-h-0 flex-1 flex-col">
      {children}
    </div>
  );
}
