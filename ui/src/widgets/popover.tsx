import * as Radix from '@radix-ui/react-popover';
import { useState, type JSX, type ReactNode } from 'react';

/** A button that opens a panel below itself. `children` gets a function that closes it. */
export function Popover(props: { readonly trigger: ReactNode; readonly label: string; readonly active?: boolean; readonly look?: 'plain' | 'quiet'; readonly children: (close: () => void) => ReactNode }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Trigger
        aria-label={props.label}
        className={`inline-flex items-center gap-1.5 rounded border text-xs font-medium whitespace-nowrap text-ink ${props.look === 'quiet' ? 'h-6 border-transparent px-1.5 hover:border-line-strong' : `h-7 bg-raised px-2.5 hover:border-faint ${props.active === true ? 'border-accent' : 'border-line-strong'}`}`}
      >
        {props.trigger}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align="start" sideOffset={4} className="z-40 rounded-md border border-line-strong bg-raised p-1 shadow-xl focus:outline-none">
          {props.children(() => setOpen(false))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
