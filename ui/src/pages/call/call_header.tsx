import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, type JSX, type ReactNode } from 'react';
import { serverQuery } from '@/api/queries';
import type { Call, LatencySummary } from '@/api/types';
import { formatAgo, formatCompact, formatCount, formatDateTime, formatDuration, formatLength, formatOffset } from '@/base/format';
import type { Ms } from '@/base/units';
import { alignmentOf } from '@/model/audio_clock';
import { callFacts } from '@/model/call_facts';
import { costOf, warningsOf } from '@/model/cost';
import { latencyOf, slowestTurn, summariseLatency } from '@/model/turn_latency';
import { longestTranscriptWait } from '@/model/why_waited';
import { StateBadge } from '@/widgets/badge';
import { CopyableId } from '@/widgets/copy';
import { CostValue } from '@/widgets/cost';
import { Icon } from '@/widgets/icon';
import { Latency } from '@/widgets/latency';
import { NotCaptured, Unknown } from '@/widgets/state';
import { listSearch, neighbours } from '../list_memory';
import { useNow } from '../now';

interface CallHeaderProps {
  readonly call: Call;
  readonly onTurn: (index: number) => void;
  readonly onSpan: (spanId: string) => void;
  readonly onTools: () => void;
  readonly onSeek: (time: Ms) => void;
  readonly onDelete: () => void;
}

export function CallHeader({ call, onTurn, onSpan, onTools, onSeek, onDelete }: CallHeaderProps): JSX.Element {
  const now = useNow(10_000);
  const server = useQuery(serverQuery);
  const started = new Date(Number(call.startedAt / 1_000_000n));
  const slowest = slowestTurn(call.turns);
  const { newer, older } = neighbours(call.id);
  const failed = call.toolErrorCount ?? 0;
  const { totals } = call;
  const warnings = warningsOf(call);
  const facts = useMemo(() => callFacts(call), [call]);
  const heard = useMemo(() => call.heard ?? summariseLatency(call.turns, 'heard'), [call]);
  const clock = useMemo(() => alignmentOf(call), [call]);
  const silence = facts?.longestSilence;
  const written = facts === undefined && slowest === undefined ? longestTranscriptWait(call.turns) : undefined;
  return (
    <div className="shrink-0 border-b border-line-strong bg-canvas">
      <div className="flex h-10 items-center gap-3 px-4">
        <Link to="/" search={listSearch()} className="-ml-1.5 inline-flex h-7 items-center gap-1 rounded px-1.5 text-dim hover:bg-line/60 hover:text-ink">
          <Icon name="back" /> Calls
        </Link>
        <div className="flex">
          <Neighbour id={newer} icon="up" label="Newer call of the list" />
          <Neighbour id={older} icon="down" label="Older call of the list" />
        </div>
        <h1 className="min-w-0 truncate text-[0.9375rem] font-semibold text-ink" title={call.agentName}>{call.agentName ?? 'Unnamed agent'}</h1>
        <StateBadge state={call.state} />
        <span className="num shrink-0 whitespace-nowrap text-dim" title={started.toISOString()}>
          {formatDateTime(started)}, {formatAgo(started, now)}
        </span>
        <span className="min-w-0 shrink-[4] truncate text-xs text-faint" title="Who told of this call, and the frameworks it was made with">
          {[...call.sources, ...call.frameworks.map((framework) => `${framework.name}${framework.version === undefined ? '' : ` ${framework.version}`}`)].join(', ')}
        </span>
        <span className="ml-auto flex shrink-0 items-center gap-4 text-xs">
          {call.callId !== undefined && (
            <span className="flex items-center gap-1 text-faint">
              call <CopyableId id={call.callId} what="call id" length={13} />
            </span>
          )}
          {call.traceIds[0] !== undefined && (
            <span className="flex items-center gap-1 text-faint">
              trace <CopyableId id={call.traceIds[0]} what="trace id" length={8} />
              {call.traceIds.length > 1 && <span className="num text-dim" title={call.traceIds.join('\n')}>+{call.traceIds.length - 1}</span>}
            </span>
          )}
          <Link to="/compare" search={{ a: String(call.id) }} className="inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-dim hover:bg-line/60 hover:text-ink">
            <Icon name="compare" /> Compare
          </Link>
          {server.data?.access === 'read-write' && (
            <button type="button" className="rounded px-1.5 py-0.5 text-dim hover:bg-bad/10 hover:text-bad" onClick={onDelete}>
              Delete
            </button>
          )}
        </span>
      </div>
      <dl className="num flex flex-wrap gap-x-5 gap-y-1 px-4 pb-2">
        <Stat label="Duration">{call.durationS === undefined ? <NotCaptured /> : formatLength(call.durationS)}</Stat>
        <Stat label="Turns">{Math.max(call.turnCount ?? 0, call.turns.length)}</Stat>
        {heard !== undefined || call.recordings.length > 0 ? (
          <Stat label="Heard p50 / p95" title="Response latency as the recording has it: from the end of the caller’s voice to the start of the agent’s">
            <TwoLatencies summary={heard} />
          </Stat>
        ) : undefined}
        {heard === undefined && call.reported !== undefined && (
          <Stat label="Reported p50 / p95" title="Response latency as the framework reported it">
            <TwoLatencies summary={call.reported} />
          </Stat>
        )}
        {heard === undefined && (call.computed !== undefined || call.reported === undefined) && (
          <Stat label="Computed p50 / p95" title="Response latency as computed from the spans">
            <TwoLatencies summary={call.computed} />
          </Stat>
        )}
        <Stat label="Slowest turn">
          {slowest === undefined ? (
            <NotCaptured />
          ) : (
            <button type="button" className="rounded hover:underline" onClick={() => onTurn(slowest.index)} title="Select it">
              <Latency value={latencyOf(slowest)} /> <span className="font-normal text-dim">in {slowest.index}</span>
            </button>
          )}
        </Stat>
        {facts?.agentShare !== undefined && facts.callerShare !== undefined && (
          <Stat label="Talk, caller / agent" title={`${percent(facts.silenceShare)} of the call is silence`}>
            <TalkShare caller={facts.callerShare} agent={facts.agentShare} />
          </Stat>
        )}
        {facts?.agentInterruptions !== undefined ? (
          <Stat label="Cut in, caller / agent" title="How often each began while the other spoke, for at least 0.2 s">
            {facts.callerBargeIns} <span className="text-faint">/</span> {facts.agentInterruptions}
          </Stat>
        ) : (
          <Stat label="Interruptions">{call.interruptionCount ?? <NotCaptured />}</Stat>
        )}
        {written !== undefined && (
          <Stat label="Longest silence" title="Before an answer, as the times of the transcript have it">
            <button type="button" className="rounded hover:underline" onClick={() => onTurn(written.turn.index)}>
              {formatDuration(written.ms)} <span className="font-normal text-dim">in {written.turn.index}</span>
            </button>
          </Stat>
        )}
        {silence !== undefined && (
          <Stat label="Longest silence">
            <button type="button" className="rounded hover:underline" title="Go there" onClick={() => onSeek(clock.clock.toCall(silence.startS))}>
              {formatDuration((silence.endS - silence.startS) * 1000)} <span className="font-normal text-dim">at {formatOffset(clock.clock.toCall(silence.startS), 0)}</span>
            </button>
          </Stat>
        )}
        <Stat label="Tools">
          {call.toolCount === undefined ? (
            <NotCaptured />
          ) : (
            <button type="button" className="rounded hover:underline" onClick={onTools}>
              {call.toolCount}
              {failed > 0 && <span className="ml-1.5 text-bad">{failed} failed</span>}
            </button>
          )}
        </Stat>
        <Stat label="Tokens in / out">
          {totals.inputTokens === undefined && totals.outputTokens === undefined ? (
            <Unknown />
          ) : (
            <span title={[totals.inputTokens === undefined ? '' : `${formatCount(totals.inputTokens)} in`, totals.cacheReadTokens === undefined ? '' : `${formatCount(totals.cacheReadTokens)} of them from cache`, totals.outputTokens === undefined ? '' : `${formatCount(totals.outputTokens)} out`].filter((text) => text !== '').join(', ')}>
              {totals.inputTokens === undefined ? '?' : formatCompact(totals.inputTokens)} / {totals.outputTokens === undefined ? '?' : formatCompact(totals.outputTokens)}
            </span>
          )}
        </Stat>
        <Stat label="Cost">
          <CostValue cost={costOf(call)} />
        </Stat>
        <Stat label="End" title={originOf(call, 'end_reason')}>{call.endReason !== undefined ? <span className="block max-w-80 truncate" title={call.endReason}>{call.endReason}</span> : (call.state === 'running' ? <span className="font-normal text-dim">still running</span> : <NotCaptured />)}</Stat>
      </dl>
      {warnings.length > 0 && (
        <ul className="flex flex-wrap gap-x-5 gap-y-1 border-t border-line bg-warn/6 px-4 py-1.5 text-xs text-ink">
          {warnings.map((flag) => (
            <li key={`${flag.code}${flag.spanId ?? ''}`} className="flex items-center gap-1.5">
              <Icon name="warning" className="size-3.5 text-warn" />
              {flag.message}
              {flag.spanId !== undefined && (
                <button type="button" className="text-accent hover:underline" onClick={() => onSpan(flag.spanId!)}>
                  show
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

function TalkShare({ caller, agent }: { readonly caller: number; readonly agent: number }): JSX.Element {
  return (
    <span className="flex items-center gap-1.5">
      {percent(caller)}
      <span className="flex h-2 w-16 overflow-hidden rounded-[2px] bg-line" aria-hidden="true">
        <span className="bg-kind-caller" style={{ width: `${caller * 100}%` }} />
        <span className="ml-auto bg-kind-agent" style={{ width: `${agent * 100}%` }} />
      </span>
      {percent(agent)}
    </span>
  );
}

/** Where a field came from, and what other sources say. */
function originOf(call: Call, field: string): string | undefined {
  const origin = call.fields[field];
  if (origin === undefined) return undefined;
  return [`From ${origin.source}`, ...origin.others.map((other) => `${other.source} says ${typeof other.value === 'string' ? other.value : JSON.stringify(other.value)}`)].join('; ');
}

function Stat({ label, title, children }: { readonly label: string; readonly title?: string | undefined; readonly children: ReactNode }): JSX.Element {
  return (
    <div className="flex flex-col" title={title}>
      <dt className="text-2xs whitespace-nowrap text-faint">{label}</dt>
      <dd className="text-sm font-medium whitespace-nowrap text-ink">{children}</dd>
    </div>
  );
}

function TwoLatencies({ summary }: { readonly summary: LatencySummary | undefined }): JSX.Element {
  if (summary === undefined) return <span className="font-normal"><NotCaptured /></span>;
  return (
    <span>
      <Latency value={summary.p50Ms} /> <span className="text-faint">/</span> <Latency value={summary.p95Ms} /> <span className="text-2xs font-normal text-faint">n {summary.n}</span>
    </span>
  );
}

function Neighbour({ id, icon, label }: { readonly id: number | undefined; readonly icon: 'up' | 'down'; readonly label: string }): JSX.Element {
  const look = 'grid size-6 place-items-center rounded';
  if (id === undefined) {
    return (
      <span className={`${look} text-line-strong`} aria-hidden="true">
        <Icon name={icon} />
      </span>
    );
  }
  return (
    <Link to="/calls/$callId" params={{ callId: String(id) }} search={{}} aria-label={label} title={label} className={`${look} text-dim hover:bg-line/60 hover:text-ink`}>
      <Icon name={icon} />
    </Link>
  );
}
