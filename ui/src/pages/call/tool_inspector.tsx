import type { JSX } from 'react';
import type { ToolUse } from '@/api/types';
import { formatDuration, formatOffset } from '@/base/format';
import { Badge, KindBadge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { ToolDetail } from './tools_panel';

/** A tool that has no span of its own. */
export function ToolInspector(props: { readonly tool: ToolUse; readonly onSpan: (spanId: string) => void; readonly onTurn: (index: number) => void; readonly onZoom: () => void }): JSX.Element {
  const { tool } = props;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex items-center gap-2 border-b border-line px-4 py-2.5">
        <KindBadge kind="tool" />
        <h2 className="truncate font-mono text-sm font-semibold text-ink">{tool.name}</h2>
        {tool.isError && <Badge tone="bad">failed</Badge>}
        <Button look="quiet" className="ml-auto" onClick={props.onZoom}>
          Zoom <kbd className="font-mono text-2xs text-faint">z</kbd>
        </Button>
      </div>
      <div className="flex flex-col gap-3 px-4 py-3">
        <p className="num text-xs text-dim">
          {tool.start !== undefined && `At ${formatOffset(tool.start)}`}
          {tool.durationMs !== undefined && `, ${formatDuration(tool.durationMs)}`}. No span exists for it: it was rebuilt from the messages of the model calls before and after, and its time is what lies between them.
        </p>
        <ToolDetail tool={tool} onSpan={props.onSpan} onTurn={props.onTurn} />
      </div>
    </div>
  );
}
