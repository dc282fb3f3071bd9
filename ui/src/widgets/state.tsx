// The states every panel can be in besides having something to show.
import type { JSX, ReactNode } from 'react';
import { ApiError } from '@/api/client';
import { ParseError } from '@/base/json';
import { Button } from './button';
import { Icon } from './icon';

/** Why something failed, in words for people, and a way to try again. */
export function Failure({ error, what, onRetry }: { readonly error: Error; readonly what: string; readonly onRetry?: () => void }): JSX.Element {
  return (
    <div role="alert" className="flex flex-col items-start gap-2 p-4">
      <div className="flex items-center gap-2 font-medium text-bad">
        <Icon name="warning" className="size-4" />
        {what} could not be loaded
      </div>
      <p className="max-w-prose text-dim">{explain(error)}</p>
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function explain(error: Error): string {
  if (error instanceof ApiError) {
    if (error.code === 'unreachable') return 'The server does not answer. Is callscope still running? The page goes on trying.';
    return error.message;
  }
  if (error instanceof ParseError) return `The answer of the server is not as expected: ${error.message}. Server and page may be of different versions; reload the page.`;
  return error.message;
}

/** Grey rows in the place of those to come, so that nothing jumps. */
export function Skeleton({ rows = 6, label }: { readonly rows?: number; readonly label: string }): JSX.Element {
  return (
    <div role="status" aria-label={`Loading ${label}`} className="flex flex-col gap-2.5 p-4">
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="breathing h-3 rounded bg-line" style={{ width: `${88 - ((at * 23) % 45)}%`, animationDelay: `${at * 60}ms` }} />
      ))}
    </div>
  );
}

/** Nothing here, and why. */
export function Nothing({ title, children }: { readonly title: string; readonly children?: ReactNode }): JSX.Element {
  return (
    <div className="flex flex-col gap-1 p-4">
      <div className="font-medium text-ink">{title}</div>
      {children !== undefined && <div className="max-w-prose text-dim">{children}</div>}
    </div>
  );
}

/** A value that was not measured. It is never shown as zero. */
export function NotCaptured({ short = false }: { readonly short?: boolean }): JSX.Element {
  return (
    <span className="text-faint" title="Not captured">
      {short ? <span aria-label="not captured">–</span> : 'not captured'}
    </span>
  );
}

export function Unknown(): JSX.Element {
  return <span className="text-faint">unknown</span>;
}
