import * as Radix from '@radix-ui/react-dialog';
import type { JSX, ReactNode } from 'react';
import { Icon } from './icon';

export function Dialog(props: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}): JSX.Element {
  return (
    <Radix.Root open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Radix.Content
          {...(props.description === undefined ? { 'aria-describedby': undefined } : {})}
          className={`fixed top-[12vh] left-1/2 z-50 max-h-[78vh] w-[calc(100vw-3rem)] -translate-x-1/2 overflow-auto rounded-md border border-line-strong bg-raised p-5 shadow-2xl focus:outline-none ${props.wide === true ? 'max-w-4xl' : 'max-w-lg'}`}
        >
          <div className="mb-3 flex items-start gap-4">
            <div className="min-w-0">
              <Radix.Title className="text-base font-semibold text-ink">{props.title}</Radix.Title>
              {props.description !== undefined && <Radix.Description className="mt-1 text-dim">{props.description}</Radix.Description>}
            </div>
            <Radix.Close aria-label="Close" className="ml-auto grid size-7 shrink-0 place-items-center rounded text-dim hover:bg-line hover:text-ink">
              <Icon name="cross" />
            </Radix.Close>
          </div>
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
