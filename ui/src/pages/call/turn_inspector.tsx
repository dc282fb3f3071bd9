import type { JSX, ReactNode } from 'react';
import type { ToolUse, Turn } from '@/api/types';
import { formatDuration, formatLatency, formatOffset } from '@/base/format';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import { kStages, stageShares, stageSumMs } from '@/model/turn_latency';
import { Badge, KindBadge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { Latency, stageBackground } from '@/widgets/latency';
import { NotCaptured } from '@/widgets/state';

interface TurnInspectorProps {
  readonly turn: Turn;
  readonly tools: readonly ToolUse[];
  readonly call: CallSpans;
  readonly onSpan: (spanId: string) => void;
  readonly onZoom: () => void;
}

export function TurnInspector({ turn, tools, call, onSpan, onZoom }: TurnInspectorProps): JSX.Element {
  const spans = turn.spanIds.flatMap((id) => call.find(id) ?? []).sort((a, b) => a - b);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex items-center gap-2 border-b border-line px-4 py-2.5">
        <h2 className="text-sm font-semibold text-ink">Turn {turn.index}</h2>
        {turn.reportedIndex !== undefined && turn.reportedIndex !== turn.index && <span className="text-xs text-dim">numbered {turn.reportedIndex} by the framework</span>}
        <span className="num text-xs text-dim">
          {formatOffset(turn.start, 1)} – {formatOffset(turn.end, 1)}
        </span>
        {turn.interrupted && <Badge tone="warn">interrupted</Badge>}
        <Button look="quiet" className="ml-auto" onClick={onZoom}>
          Zoom <kbd className="font-mono text-2xs text-faint">z</kbd>
        </Button>
      </div>

      <Part title="Response latency">
        <dl className="num grid grid-cols-3 gap-3">
          <Figure label="Reported" title="By the framework, from its own clock">
            {turn.reportedMs === undefined ? <NotCaptured /> : <Latency value={turn.reportedMs} strong />}
          </Figure>
          <Figure label="Computed" title={turn.computedFrom === undefined ? 'From the spans' : `From ${turn.computedFrom}`}>
            {turn.computedMs === undefined ? <NotCaptured /> : <Latency value={turn.computedMs} strong />}
          </Figure>
          <Figure label="Sum of stages" title="All captured stages laid end to end">
            {stageSumMs(turn.stages) === 0 ? <NotCaptured /> : <Latency value={stageSumMs(turn.stages)} strong />}
          </Figure>
        </dl>
        {turn.computedFrom !== undefined && turn.computedMs !== undefined && <p className="mt-1 text-2xs text-faint">Computed from {turn.computedFrom}. The two are kept apart and never averaged.</p>}
      </Part>

      <Part title="Where it went">
        <StageWaterfall turn={turn} />
      </Part>

      {(turn.user !== undefined || turn.agent !== undefined) && (
        <Part title="Said">
          <div className="flex flex-col gap-2">
            {turn.user !== undefined && <Said who="caller" start={turn.user.start} end={turn.user.end} text={turn.user.text} />}
            {turn.agent !== undefined && <Said who="agent" start={turn.agent.start} end={turn.agent.end} text={turn.agent.text} />}
            {turn.agent?.generatedText !== undefined && turn.agent.generatedText !== turn.agent.text && (
              <div className="border-l-2 border-line-strong pl-2.5">
                <div className="text-2xs text-faint">Generated, but not all of it was heard</div>
                <Heard generated={turn.agent.generatedText} heard={turn.agent.text ?? ''} />
              </div>
            )}
          </div>
        </Part>
      )}

      {tools.length > 0 && (
        <Part title="Tools">
          <ul className="num flex flex-col gap-1 text-xs">
            {tools.map((tool, at) => (
              <li key={at} className="flex items-baseline gap-2">
                <button type="button" disabled={tool.spanId === undefined} className={`truncate font-mono ${tool.isError ? 'text-bad' : 'text-ink'} ${tool.spanId === undefined ? '' : 'hover:underline'}`} onClick={() => tool.spanId !== undefined && onSpan(tool.spanId)}>
                  {tool.name}
                </button>
                {tool.isError && <Badge tone="bad">failed</Badge>}
                <span className="ml-auto text-dim">{tool.durationMs === undefined ? <NotCaptured /> : formatDuration(tool.durationMs)}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}

      <Part title={`Spans of the turn (${spans.length})`}>
        {spans.length === 0 ? (
          <span className="text-faint">none</span>
        ) : (
          <ul className="num -mx-1.5 text-xs">
            {spans.slice(0, 200).map((index) => (
              <li key={index}>
                <SpanLine call={call} index={index} from={turn.start} onSpan={onSpan} />
              </li>
            ))}
          </ul>
        )}
      </Part>
    </div>
  );
}

/** Every stage on one scale, laid end to end; what was not captured says so. */
function StageWaterfall({ turn }: { readonly turn: Turn }): JSX.Element {
  const shares = stageShares(turn.stages);
  const total = Math.max(1, stageSumMs(turn.stages), turn.reportedMs ?? turn.computedMs ?? 0);
  return (
    <div role="table" aria-label="Latency by stage" className="num flex flex-col gap-0.5 text-xs">
      {kStages.map((stage) => {
        const share = shares.find((candidate) => candidate.id === stage.id);
        const value = turn.stages[stage.id];
        const look = stageBackground(stage.color);
        return (
          <div key={stage.id} role="row" className="grid grid-cols-[7.5rem_minmax(0,1fr)_5.5rem] items-center gap-2">
            <span role="rowheader" className="truncate text-dim">{stage.label}</span>
            <div role="cell" className="relative h-3 rounded-[2px] bg-line/40">
              {share !== undefined && (
                <div className={`absolute inset-y-0 rounded-[2px] ${look.className}`} style={{ ...look.style, left: `${(share.startMs / total) * 100}%`, width: `max(2px, ${(share.ms / total) * 100}%)` }} />
              )}
            </div>
            <span role="cell" className="text-right">{value === undefined ? <NotCaptured /> : <span className={value > total * 0.5 ? 'font-semibold' : ''}>{formatLatency(value)}</span>}</span>
          </div>
        );
      })}
    </div>
  );
}

function SpanLine({ call, index, from, onSpan }: { readonly call: CallSpans; readonly index: SpanIndex; readonly from: number; readonly onSpan: (spanId: string) => void }): JSX.Element {
  const span = call.span(index);
  return (
    <button type="button" onClick={() => onSpan(span.spanId)} className="flex w-full items-center gap-2 rounded px-1.5 py-0.5 text-left hover:bg-accent/8">
      <span className="w-14 shrink-0 text-right font-mono text-2xs text-faint">+{formatDuration(Math.max(0, call.start[index]! - from))}</span>
      <KindBadge kind={span.kind} />
      <span className={`truncate ${span.isError ? 'text-bad' : 'text-ink'}`}>{span.name}</span>
      <span className="truncate text-faint">{span.toolName ?? span.model ?? ''}</span>
      <span className="ml-auto shrink-0 text-ink">{formatDuration(call.durationMs(index))}</span>
    </button>
  );
}

function Said({ who, start, end, text }: { readonly who: 'caller' | 'agent'; readonly start: number; readonly end: number; readonly text: string | undefined }): JSX.Element {
  return (
    <div>
      <div className="flex items-baseline gap-2 text-xs">
        <span className="font-medium" style={{ color: `var(--color-kind-${who})` }}>
          {who === 'caller' ? 'Caller' : 'Agent'}
        </span>
        <span className="num text-2xs text-faint">
          {formatOffset(start, 2)} – {formatOffset(end, 2)}, {formatDuration(end - start)}
        </span>
      </div>
      <p className="text-pretty break-words text-ink">{text ?? <NotCaptured />}</p>
    </div>
  );
}

function Heard({ generated, heard }: { readonly generated: string; readonly heard: string }): JSX.Element {
  const rest = generated.startsWith(heard) ? generated.slice(heard.length) : undefined;
  return rest === undefined ? (
    <p className="text-dim">{generated}</p>
  ) : (
    <p className="text-ink">
      {heard}
      <span className="text-faint line-through decoration-1">{rest}</span>
    </p>
  );
}

function Figure({ label, title, children }: { readonly label: string; readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <div title={title}>
      <dt className="text-2xs text-faint">{label}</dt>
      <dd className="text-sm">{children}</dd>
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <section className="border-b border-line px-4 py-3">
      <h3 className="mb-1.5 text-xs font-semibold text-dim">{title}</h3>
      {children}
    </section>
  );
}
