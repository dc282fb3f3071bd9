import type { JSX, ReactNode } from 'react';
import type { ToolUse, Turn } from '@/api/types';
import { formatDuration, formatOffset } from '@/base/format';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import { kLatencySources, kSourceLabels, latencyFrom, latencyOf, type LatencySource } from '@/model/turn_latency';
import { unheardOf } from '@/model/transcript';
import { transcriptWaitMs } from '@/model/why_waited';
import { Badge, KindBadge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { Latency } from '@/widgets/latency';
import { NotCaptured } from '@/widgets/state';
import { TurnConversation } from './turn_conversation';
import { WaitWaterfall } from './wait_waterfall';
import { WhyLine } from './why_line';

interface TurnInspectorProps {
  readonly turn: Turn;
  readonly tools: readonly ToolUse[];
  readonly call: CallSpans;
  readonly onSpan: (spanId: string) => void;
  readonly onZoom: () => void;
  readonly onPlay: (() => void) | undefined;
}

export function TurnInspector({ turn, tools, call, onSpan, onZoom, onPlay }: TurnInspectorProps): JSX.Element {
  const spans = turn.spanIds.flatMap((id) => call.find(id) ?? []).sort((a, b) => a - b);
  const generated = turn.agent === undefined ? undefined : unheardOf(turn.agent);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <div className="flex items-center gap-2 border-b border-line px-4 py-2">
        <h2 className="text-sm font-semibold whitespace-nowrap text-ink">Turn {turn.index}</h2>
        {turn.reportedIndex !== undefined && turn.reportedIndex !== turn.index && <span className="truncate text-xs text-dim" title="What the framework numbers it">reported as {turn.reportedIndex}</span>}
        <span className="num text-xs whitespace-nowrap text-dim">
          {formatOffset(turn.start, 1)} – {formatOffset(turn.end, 1)}
        </span>
        {turn.interrupted && <Badge tone="warn">interrupted</Badge>}
        <span className="ml-auto flex">
          {onPlay !== undefined && (
            <Button look="quiet" onClick={onPlay}>
              Play
            </Button>
          )}
          <Button look="quiet" onClick={onZoom}>
            Zoom <kbd className="font-mono text-2xs text-faint">z</kbd>
          </Button>
        </span>
      </div>

      <Part title="Why the caller waited">
        <Trio turn={turn} />
        <WhyLine turn={turn} tools={tools} />
        <WaitWaterfall turn={turn} call={call} onSpan={onSpan} />
      </Part>

      {(turn.user !== undefined || turn.agent !== undefined) && (
        <Part title="Said">
          <div className="flex flex-col gap-2">
            {turn.user !== undefined && <Said who="caller" start={turn.user.start} end={turn.user.end} text={turn.user.text} />}
            {turn.agent !== undefined && <Said who="agent" start={turn.agent.start} end={turn.agent.end} text={turn.agent.text} />}
            {generated !== undefined && (
              <div className="border-l-2 border-line-strong pl-2.5">
                <div className="text-2xs text-faint">Generated, but not all of it was heard</div>
                <Heard generated={generated} heard={turn.agent?.text ?? ''} />
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

      {spans.some((index) => call.span(index).kind === 'llm' || call.span(index).kind === 's2s') && (
        <Part title="What the model was asked">
          <TurnConversation key={turn.index} call={call} spans={spans} onSpan={onSpan} />
        </Part>
      )}

      <Part title={`Spans (${spans.length})`}>
        {spans.length === 0 ? (
          <NotCaptured />
        ) : (
          <ul className="num -mx-1.5 text-xs">
            {spans.map((index) => (
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

const kSourceTitles: Readonly<Record<LatencySource, string>> = {
  heard: 'From the end of the caller’s voice to the start of the agent’s, as the recording has it',
  reported: 'By the framework, from its own clock',
  computed: 'From the spans',
};

/** The three latencies of a turn side by side. They are three measures and are never averaged. */
function Trio({ turn }: { readonly turn: Turn }): JSX.Element {
  const written = latencyOf(turn) === undefined ? transcriptWaitMs(turn) : undefined;
  const missed = turn.heardMs !== undefined && turn.reportedMs !== undefined ? turn.heardMs - turn.reportedMs : undefined;
  return (
    <>
      <dl className="num grid grid-cols-3 gap-3">
        {kLatencySources.map((source) => {
          const value = latencyFrom(turn, source);
          return (
            <div key={source} title={source === 'computed' && turn.computedFrom !== undefined ? `From ${turn.computedFrom}` : kSourceTitles[source]}>
              <dt className="text-2xs text-faint">{kSourceLabels[source]}</dt>
              <dd className={source === 'heard' ? 'text-lg leading-6 font-semibold' : 'text-sm leading-6'}>{value === undefined ? <span className="text-xs font-normal"><NotCaptured /></span> : <Latency value={value} strong />}</dd>
            </div>
          );
        })}
      </dl>
      {written !== undefined && <p className="num mt-0.5 text-xs text-dim">The transcript leaves {formatDuration(written)} between the caller’s words and the answer.</p>}
      {missed !== undefined && Math.abs(missed) >= 50 && (
        <p className="num mt-0.5 text-xs text-dim">
          The caller waited {formatDuration(Math.abs(missed))} {missed > 0 ? 'longer' : 'less'} than the framework says.
        </p>
      )}
      {turn.heardMs === undefined && turn.computedFrom !== undefined && turn.computedMs !== undefined && <p className="mt-0.5 text-2xs text-faint">Computed from {turn.computedFrom}.</p>}
    </>
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
      <p dir="auto" className="text-left text-pretty break-words text-ink">{text ?? <NotCaptured />}</p>
    </div>
  );
}

function Heard({ generated, heard }: { readonly generated: string; readonly heard: string }): JSX.Element {
  const rest = generated.startsWith(heard) ? generated.slice(heard.length) : undefined;
  return rest === undefined ? (
    <p dir="auto" className="text-left text-dim">{generated}</p>
  ) : (
    <p dir="auto" className="text-left text-ink">
      {heard}
      <span className="text-faint line-through decoration-1">{rest}</span>
    </p>
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
