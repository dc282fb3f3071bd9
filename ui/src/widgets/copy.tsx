import { useEffect, useRef, useState, type JSX } from 'react';
import { Icon } from './icon';

const kShownMs = 1_400;

/** Puts text on the clipboard, also where the page is not served securely and the modern way is refused. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way where the page is not served securely
    document.execCommand('copy');
    area.remove();
  }
}

export function CopyButton({ text, label = 'Copy', className = '' }: { readonly text: string; readonly label?: string; readonly className?: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <button
      type="button"
      title={label}
      aria-label={copied ? 'Copied' : label}
      className={`inline-grid size-5 shrink-0 place-items-center rounded text-faint hover:bg-line/70 hover:text-ink ${copied ? 'text-good!' : ''} ${className}`}
      onClick={(event) => {
        event.stopPropagation();
        void copyText(text);
        setCopied(true);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setCopied(false), kShownMs);
      }}
    >
      <Icon name={copied ? 'check' : 'copy'} className="size-3" />
    </button>
  );
}

/** An id in full or cut in the middle, with a button that copies all of it. */
export function CopyableId({ id, what, length = 12 }: { readonly id: string; readonly what: string; readonly length?: number }): JSX.Element {
  return (
    <span className="inline-flex min-w-0 items-center gap-0.5">
      <span className="truncate font-mono text-2xs text-ink" title={id}>
        {id.length > length ? `${id.slice(0, length)}…` : id}
      </span>
      <CopyButton text={id} label={`Copy ${what}`} />
    </span>
  );
}

/** A block of code with a button that copies it. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }): JSX.Element {
  return (
    <div className="group relative min-w-0 rounded border border-line bg-panel">
      <pre className="overflow-x-auto px-3 py-2.5 pr-9 font-mono text-xs leading-[1.15rem] text-ink" tabIndex={0}>
        {code}
      </pre>
      <CopyButton text={code} label={`Copy ${label}`} className="absolute! top-1.5 right-1.5 bg-panel" />
    </div>
  );
}
