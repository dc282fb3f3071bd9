import type { JSX } from 'react';
import { Dialog } from './dialog';
import { kKeyHelp } from './keys';

export function KeySheet({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog open={open} onClose={onClose} title="Keys" wide>
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
        {kKeyHelp.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1.5 text-xs font-semibold text-dim">{group.title}</h3>
            <dl className="grid grid-cols-[7.5rem_1fr] gap-y-1">
              {group.keys.map(([keys, what]) => (
                <div key={keys} className="contents">
                  <dt>
                    <kbd className="rounded border border-line-strong bg-panel px-1.5 py-px font-mono text-2xs text-ink">{keys}</kbd>
                  </dt>
                  <dd className="text-ink">{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
