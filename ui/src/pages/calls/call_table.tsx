import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type JSX, type MouseEvent, type ReactNode } from 'react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { CallSummary } from '@/api/types';
import { formatClock, formatCompact, formatLength, plural } from '@/base/format';
import type { Sort } from '@/model/call_filter';
import { costOf, warningsOf } from '@/model/cost';
import { Badge, StateBadge } from '@/widgets/badge';
import { CostValue } from '@/widgets/cost';
import { Latency } from '@/widgets/latency';
import { NotCaptured } from '@/widgets/state';

const kRowPx = 34;
const kGrid = 'grid grid-cols-[1.5rem_8.5rem_minmax(11rem,1.2fr)_5rem_4.5rem_3.5rem_6.5rem_6.5rem_6.5rem_7rem_5.5rem_minmax(9rem,1fr)] items-center';

interface CallTableProps {
  readonly calls: readonly CallSummary[];
  readonly sort: Sort;
  readonly now: Date;
  readonly cursor: number;
  /** Calls marked for comparing. */
  readonly marks: readonly number[];
  readonly onMark: (id: number) => void;
  readonly hasMore: boolean;
  readonly onSort: (sort: Sort) => void;
  readonly onEndReached: () => void;
}

export function CallTable(props: CallTableProps): JSX.Element {
  const { calls, hasMore, onEndReached } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const virtual = useVirtualizer({ count: calls.length, getScrollElement: () => scroller.current, estimateSize: () => kRowPx, overscan: 12 });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown >= calls.length - 20) onEndReached();
  }, [hasMore, lastShown, calls.length, onEndReached]);
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (props.cursor >= 0) scrollToIndex(props.cursor, { align: 'auto' });
  }, [props.cursor, scrollToIndex]);

  const open = (call: CallSummary, event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.button !== 0 || (event.target as HTMLElement).closest('a, button, input') !== null) return;
    if (getSelection()?.toString() !== '') return;
    void navigate({ to: '/calls/$callId', params: { callId: String(call.id) }, search: {} });
  };

  return (
    <div role="table" aria-label="Calls" aria-rowcount={hasMore ? -1 : calls.length + 1} className="flex min-h-0 flex-1 flex-col overflow-x-auto">
      <div role="row" aria-rowindex={1} className={`${kGrid} h-8 min-w-[78rem] shrink-0 border-b border-line-strong bg-panel px-4 text-xs font-medium text-dim`}>
        <Header label="" />
        <SortHeader label="Started" by="started_at" {...props} bothWays />
        <Header label="Agent" />
        <Header label="State" />
        <SortHeader label="Duration" by="duration" {...props} right />
        <Header label="Turns" right />
        <Header label="Response p95" right title="● as heard in the recording; else as the framework reported it; else computed from spans and marked *" />
        <SortHeader label="Slowest" by="latency" {...props} right title="The slowest response of the call" />
        <Header label="Tools" right />
        <SortHeader label="Tokens" by="tokens" {...props} right title="Input and output" />
        <SortHeader label="Cost" by="cost" {...props} right />
        <Header label="Notes" indent />
      </div>
      <div ref={scroller} role="rowgroup" className="min-h-0 min-w-[78rem] flex-1 overflow-x-hidden overflow-y-auto">
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const call = calls[item.index]!;
            return (
              <div
                key={call.id}
                role="row"
                aria-rowindex={item.index + 2}
                onClick={(event) => open(call, event)}
                className={`${kGrid} num absolute inset-x-0 cursor-pointer border-b border-line px-4 text-xs ${item.index === props.cursor ? 'bg-accent/12 shadow-[inset_2px_0_0_var(--color-accent)]' : 'hover:bg-accent/6'}`}
                style={{ height: kRowPx, transform: `translateY(${item.start}px)` }}
              >
                <div role="cell">
                  <input type="checkbox" aria-label={`Mark call ${call.id} for comparing`} checked={props.marks.includes(call.id)} onChange={() => props.onMark(call.id)} className="mt-1 size-3.5 accent-accent" />
                </div>
                <Row call={call} now={props.now} />
              </div>
            );
          })}
        </div>
        {hasMore && <div className="p-3 text-center text-xs text-faint">Loading more…</div>}
      </div>
    </div>
  );
}

function Row({ call, now }: { readonly call: CallSummary; readonly now: Date }): JSX.Element {
  const started = new Date(Number(call.startedAt / 1_000_000n));
  const latency = call.heard ?? call.reported ?? call.computed;
  const computed = call.heard === undefined && call.reported === undefined && latency !== undefined;
  const failed = call.toolErrorCount ?? 0;
  const { inputTokens, outputTokens } = call.totals;
  return (
    <>
      <Cell>
        <Link to="/calls/$callId" params={{ callId: String(call.id) }} search={{}} className="font-medium whitespace-nowrap text-ink hover:underline" title={started.toLocaleString()}>
          {formatClock(started, now)}
        </Link>
      </Cell>
      <Cell>
        <span className="flex min-w-0 items-baseline gap-2 pr-3">
          <span className="truncate text-ink" title={call.agentName}>{call.agentName ?? 'unnamed'}</span>
          <span className="max-w-1/2 shrink-0 truncate text-2xs text-faint" title={call.callId}>
            {call.frameworks.map((framework) => framework.name).join(', ')}
          </span>
        </span>
      </Cell>
      <Cell>
        <StateBadge state={call.state} />
      </Cell>
      <Cell right>{call.durationS === undefined ? <NotCaptured short /> : formatLength(call.durationS)}</Cell>
      <Cell right>{call.turnCount ?? <NotCaptured short />}</Cell>
      <Cell right>
        <Latency value={latency?.p95Ms} />
        <SourceMark heard={call.heard !== undefined} computed={computed} />
      </Cell>
      <Cell right>
        <Latency value={latency?.maxMs} />
        <SourceMark heard={call.heard !== undefined} computed={computed} />
      </Cell>
      <Cell right>
        {call.toolCount === undefined || call.toolCount === 0 ? (
          <span className="text-faint">{call.toolCount === 0 ? 'none' : '–'}</span>
        ) : (
          <>
            {call.toolCount}
            {failed > 0 && <span className="ml-1.5 font-semibold text-bad">{failed} failed</span>}
          </>
        )}
      </Cell>
      <Cell right>
        {inputTokens === undefined && outputTokens === undefined ? (
          <span className="text-faint">unknown</span>
        ) : (
          <span title={`${inputTokens ?? 'unknown'} in, ${outputTokens ?? 'unknown'} out`}>
            {inputTokens === undefined ? '?' : formatCompact(inputTokens)}
            <span className="text-faint"> / </span>
            {outputTokens === undefined ? '?' : formatCompact(outputTokens)}
          </span>
        )}
      </Cell>
      <Cell right>
        <CostValue cost={costOf(call)} />
      </Cell>
      <Cell indent>
        <span className="flex min-w-0 items-center gap-1.5 overflow-hidden">
          {warningsOf(call).map((flag) => (
            <Badge key={flag.code} tone="warn" title={flag.message}>
              {flag.code.replaceAll('_', ' ')}
            </Badge>
          ))}
          {(call.errorCount ?? 0) > failed && <Badge tone="bad">{plural((call.errorCount ?? 0) - failed, 'error')}</Badge>}
          {(call.interruptionCount ?? 0) > 0 && <span className="whitespace-nowrap text-dim">{plural(call.interruptionCount ?? 0, 'interruption')}</span>}
          {call.endReason !== undefined && <span className="truncate text-faint">{call.endReason}</span>}
        </span>
      </Cell>
    </>
  );
}

/** Whose word a latency is: a dot where it was heard, a star where it was computed. */
function SourceMark({ heard, computed }: { readonly heard: boolean; readonly computed: boolean }): JSX.Element {
  return (
    <span className={`ml-0.5 inline-block w-2 text-2xs ${heard ? 'text-kind-agent' : 'text-faint'}`} title={heard ? 'Heard, as the recording has it' : computed ? 'Computed from spans; neither heard nor reported' : 'As the framework reported it'}>
      {heard ? '●' : computed ? '*' : ''}
    </span>
  );
}

function Cell({ right = false, indent = false, children }: { readonly right?: boolean; readonly indent?: boolean; readonly children: ReactNode }): JSX.Element {
  return (
    <div role="cell" className={`min-w-0 truncate ${right ? 'text-right' : ''} ${indent ? 'pl-5' : ''}`}>
      {children}
    </div>
  );
}

function Header({ label, right = false, indent = false, title }: { readonly label: string; readonly right?: boolean; readonly indent?: boolean; readonly title?: string }): JSX.Element {
  return (
    <div role="columnheader" title={title} className={`${right ? 'text-right' : ''} ${indent ? 'pl-5' : ''} truncate`}>
      {label}
    </div>
  );
}

function SortHeader(props: { readonly label: string; readonly by: string; readonly sort: Sort; readonly onSort: (sort: Sort) => void; readonly right?: boolean; readonly bothWays?: boolean; readonly title?: string }): JSX.Element {
  const active = props.sort.replace('-', '') === props.by;
  const falling = props.sort.startsWith('-');
  const next = (active && falling && props.bothWays === true ? props.by : `-${props.by}`) as Sort;
  return (
    <div role="columnheader" aria-sort={active ? (falling ? 'descending' : 'ascending') : 'none'} className={props.right === true ? 'text-right' : ''}>
      <button type="button" title={props.title} onClick={() => props.onSort(next)} className={`whitespace-nowrap hover:text-ink ${active ? 'font-semibold text-ink' : ''}`}>
        {props.label}
        <span className={`ml-1 text-2xs ${active ? 'text-accent' : 'text-line-strong'}`}>{active && !falling ? '↑' : '↓'}</span>
      </button>
    </div>
  );
}
