import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type JSX } from 'react';
import type { ToolUse, Turn } from '@/api/types';
import { formatDuration, formatOffset } from '@/base/format';
import { latencyOf, stageSumMs } from '@/model/turn_latency';
import { Badge } from '@/widgets/badge';
import { Latency, StageBar } from '@/widgets/latency';
import { NotCaptured, Nothing } from '@/widgets/state';

interface TurnsPanelProps {
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolUse[];
  readonly selected: number | undefined;
  readonly onTurn: (index: number) => void;
  readonly onSpan: (spanId: string) => void;
}

export function TurnsPanel({ turns, tools, selected, onTurn, onSpan }: TurnsPanelProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: turns.length, getScrollElement: () => scroller.current, estimateSize: () => 62, overscan: 6 });
  const scaleMs = useMemo(() => barScale(turns), [turns]);
  const toolsByTurn = useMemo(() => groupByTurn(tools), [tools]);
  const at = turns.findIndex((turn) => turn.index === selected);
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (at >= 0) scrollToIndex(at, { align: 'auto' });
  }, [at, scrollToIndex]);

  if (turns.length === 0) return <Nothing title="No turns yet">Turns are made from turn, speech, STT, LLM and TTS spans. Spans of other kinds are on the timeline and under Spans.</Nothing>;
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <ol aria-label="Turns" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const turn = turns[item.index]!;
          return (
            <li key={turn.index} ref={virtual.measureElement} data-index={item.index} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${item.start}px)` }}>
              <TurnRow turn={turn} tools={toolsByTurn.get(turn.index) ?? []} scaleMs={scaleMs} selected={turn.index === selected} onTurn={onTurn} onSpan={onSpan} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function TurnRow(props: { readonly turn: Turn; readonly tools: readonly ToolUse[]; readonly scaleMs: number; readonly selected: boolean; readonly onTurn: (index: number) => void; readonly onSpan: (spanId: string) => void }): JSX.Element {
  const { turn, tools, selected } = props;
  const latency = latencyOf(turn);
  return (
    <div
      onClick={() => {
        if (getSelection()?.toString() === '') props.onTurn(turn.index);
      }}
      className={`grid cursor-pointer grid-cols-[2.25rem_minmax(0,1fr)_10.5rem] gap-x-3 border-b border-line py-2 pr-4 pl-3 ${selected ? 'bg-accent/10 shadow-[inset_2px_0_0_var(--color-accent)]' : 'hover:bg-accent/5'}`}
    >
      <button type="button" aria-label={`Turn ${turn.index}`} aria-pressed={selected} onClick={() => props.onTurn(turn.index)} className="num self-start rounded text-right font-mono text-xs leading-[1.1875rem] font-semibold text-dim">
        {turn.index}
      </button>
      <div className="min-w-0">
        <Line who="caller" at={turn.user?.start} text={turn.user?.text} absent={turn.user === undefined ? undefined : 'no transcript'} />
        {tools.map((tool, at) => (
          <ToolChip key={tool.callId ?? at} tool={tool} onSpan={props.onSpan} />
        ))}
        <Line who="agent" at={turn.agent?.start} text={turn.agent?.text} absent={turn.agent === undefined ? (turn.user === undefined ? undefined : 'no answer yet') : 'no text'} />
        {turn.interrupted && (
          <div className="mt-0.5 flex items-center gap-2 pl-[7.5rem]">
            <Badge tone="warn" title={turn.interruptedBy === undefined ? undefined : `by ${turn.interruptedBy}`}>
              interrupted{turn.interruptedBy === undefined ? '' : ` by ${turn.interruptedBy === 'user' ? 'caller' : turn.interruptedBy.replaceAll('_', ' ')}`}
            </Badge>
          </div>
        )}
      </div>
      <div className="flex flex-col gap-1 pt-0.5">
        {turn.user === undefined && latency === undefined ? (
          <span className="text-right text-2xs text-faint">greeting</span>
        ) : (
          <>
            <div className="flex items-baseline justify-end gap-1.5 text-xs">
              <Latency value={latency} strong />
              <span className="text-2xs text-faint">{turn.reportedMs !== undefined ? 'reported' : turn.computedMs !== undefined ? 'computed' : ''}</span>
            </div>
            <StageBar stages={turn.stages} scaleMs={Math.max(props.scaleMs, stageSumMs(turn.stages))} />
          </>
        )}
      </div>
    </div>
  );
}

function Line({ who, at, text, absent }: { readonly who: 'caller' | 'agent'; readonly at: number | undefined; readonly text: string | undefined; readonly absent: string | undefined }): JSX.Element | null {
  if (text === undefined && absent === undefined) return null;
  return (
    <div className="grid grid-cols-[3.75rem_2.75rem_minmax(0,1fr)] gap-x-2">
      <span className="num text-right font-mono text-2xs leading-[1.1875rem] text-faint">{at === undefined ? '' : formatOffset(at, 1)}</span>
      <span className="text-xs leading-[1.1875rem] font-medium" style={{ color: `var(--color-kind-${who})` }}>
        {who === 'caller' ? 'Caller' : 'Agent'}
      </span>
      <span className={`text-pretty break-words ${text === undefined ? 'text-faint' : 'text-ink'}`}>{text ?? absent}</span>
    </div>
  );
}

function ToolChip({ tool, onSpan }: { readonly tool: ToolUse; readonly onSpan: (spanId: string) => void }): JSX.Element {
  const spanId = tool.spanId;
  return (
    <div className="grid grid-cols-[3.75rem_2.75rem_minmax(0,1fr)] gap-x-2">
      <span className="num text-right font-mono text-2xs leading-[1.1875rem] text-faint">{tool.start === undefined ? '' : formatOffset(tool.start, 1)}</span>
      <span className="text-xs leading-[1.1875rem] font-medium text-kind-tool">Tool</span>
      <span className="num flex min-w-0 items-baseline gap-2 text-xs leading-[1.1875rem]">
        <button
          type="button"
          disabled={spanId === undefined}
          className={`max-w-full truncate font-mono ${spanId === undefined ? 'cursor-default!' : 'hover:underline'} ${tool.isError ? 'text-bad' : 'text-ink'}`}
          title={tool.arguments}
          onClick={(event) => {
            event.stopPropagation();
            if (spanId !== undefined) onSpan(spanId);
          }}
        >
          {tool.name}
          <span className="text-faint">({summarise(tool.arguments)})</span>
        </button>
        {tool.isError && <Badge tone="bad">failed</Badge>}
        <span className="shrink-0 text-dim">{tool.durationMs === undefined ? <NotCaptured short /> : formatDuration(tool.durationMs)}</span>
      </span>
    </div>
  );
}

/** The scale most turns compare on. One that is far slower than the rest fills its bar instead of flattening theirs. */
function barScale(turns: readonly Turn[]): number {
  const sums = turns.map((turn) => stageSumMs(turn.stages)).filter((sum) => sum > 0).sort((a, b) => a - b);
  const median = sums[Math.floor(sums.length / 2)] ?? 1;
  return Math.max(1, Math.min(sums.at(-1) ?? 1, median * 3));
}

function groupByTurn(tools: readonly ToolUse[]): ReadonlyMap<number, readonly ToolUse[]> {
  const groups = new Map<number, ToolUse[]>();
  for (const tool of tools) {
    if (tool.turnIndex === undefined) continue;
    const group = groups.get(tool.turnIndex);
    if (group === undefined) groups.set(tool.turnIndex, [tool]);
    else group.push(tool);
  }
  return groups;
}

const summarise = (text: string | undefined): string => (text === undefined ? '' : text.replace(/^\{|\}$/g, '').slice(0, 90));
