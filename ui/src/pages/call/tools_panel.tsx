import { useState, type JSX } from 'react';
import type { ToolUse } from '@/api/types';
import { formatDuration, formatOffset } from '@/base/format';
import { Badge } from '@/widgets/badge';
import { Icon } from '@/widgets/icon';
import { JsonView } from '@/widgets/json_view';
import { NotCaptured, Nothing } from '@/widgets/state';

interface ToolsPanelProps {
  readonly tools: readonly ToolUse[];
  readonly selectedSpan: string | undefined;
  readonly onSpan: (spanId: string) => void;
  readonly onTurn: (index: number) => void;
}

export function ToolsPanel({ tools, selectedSpan, onSpan, onTurn }: ToolsPanelProps): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<number>>(() => new Set(tools.flatMap((tool, at) => (tool.isError || tools.length <= 3 ? [at] : []))));
  if (tools.length === 0) return <Nothing title="No tool was called" />;
  return (
    <ul aria-label="Tools" className="min-h-0 flex-1 overflow-y-auto">
      {tools.map((tool, at) => {
        const isOpen = open.has(at);
        return (
          <li key={at} className={`border-b border-line ${tool.spanId !== undefined && tool.spanId === selectedSpan ? 'bg-accent/10' : ''}`}>
            <button
              type="button"
              aria-expanded={isOpen}
              onClick={() => setOpen(isOpen ? new Set([...open].filter((other) => other !== at)) : new Set([...open, at]))}
              className="num flex w-full items-center gap-3 px-4 py-1.5 text-left text-xs hover:bg-accent/5"
            >
              <Icon name="down" className={`size-3 text-faint ${isOpen ? '' : '-rotate-90'}`} />
              <span className="w-14 text-right font-mono text-2xs text-faint">{tool.start === undefined ? '' : formatOffset(tool.start, 1)}</span>
              <span className={`min-w-0 truncate font-mono font-medium ${tool.isError ? 'text-bad' : 'text-ink'}`} title={tool.name}>{tool.name}</span>
              {tool.isError && <Badge tone="bad">failed</Badge>}
              {tool.synthetic && <Badge title="No span exists for it: rebuilt from the messages of the model calls around it">from messages</Badge>}
              <span className="min-w-0 flex-1 truncate font-mono text-2xs text-faint">{isOpen ? '' : tool.arguments}</span>
              <span className="shrink-0 text-ink">{tool.durationMs === undefined ? <NotCaptured /> : formatDuration(tool.durationMs)}</span>
            </button>
            {isOpen && (
              <div className="pr-4 pb-3 pl-10">
                <ToolDetail tool={tool} onSpan={onSpan} onTurn={onTurn} />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Input, output and error of one use of a tool. */
export function ToolDetail({ tool, onSpan, onTurn }: { readonly tool: ToolUse; readonly onSpan: (spanId: string) => void; readonly onTurn: (index: number) => void }): JSX.Element {
  return (
    <div className="@container">
      <div className="grid gap-x-3 gap-y-2 @2xl:grid-cols-2">
        {tool.error !== undefined && (
          <div className="@2xl:col-span-2">
            <Caption text="Error" />
            <p className="rounded border border-bad/40 bg-bad/6 px-2.5 py-1.5 font-mono text-2xs break-words text-bad">{tool.error}</p>
          </div>
        )}
        <div className="min-w-0">
          <Caption text="Input" />
          {tool.arguments === undefined ? <NotCaptured /> : <JsonView value={tool.arguments} label="input" />}
        </div>
        <div className="min-w-0">
          <Caption text="Output" />
          {tool.result === undefined ? tool.isError ? <span className="text-faint">none, it failed</span> : <NotCaptured /> : <JsonView value={tool.result} label="output" />}
        </div>
        <div className="flex flex-wrap gap-x-4 text-xs @2xl:col-span-2">
          {tool.turnIndex !== undefined && (
            <button type="button" className="text-accent hover:underline" onClick={() => onTurn(tool.turnIndex!)}>
              turn {tool.turnIndex}
            </button>
          )}
          {tool.spanId !== undefined && (
            <button type="button" className="text-accent hover:underline" onClick={() => onSpan(tool.spanId!)}>
              span
            </button>
          )}
          {tool.callId !== undefined && <span className="font-mono text-2xs text-faint">{tool.callId}</span>}
        </div>
      </div>
    </div>
  );
}

const Caption = ({ text }: { readonly text: string }): JSX.Element => <div className="mb-1 text-2xs font-medium text-dim">{text}</div>;
