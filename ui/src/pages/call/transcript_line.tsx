import type { JSX } from 'react';
import type { Turn } from '@/api/types';
import { formatDuration, formatOffset } from '@/base/format';
import type { Ms } from '@/base/units';
import { latencyOf, latencySourceOf, waitSumMs } from '@/model/turn_latency';
import type { TranscriptRow } from '@/model/transcript';
import { Badge } from '@/widgets/badge';
import { Icon } from '@/widgets/icon';
import { Latency, WaitBar } from '@/widgets/latency';
import { Marked } from '@/widgets/marked';
import { NotCaptured } from '@/widgets/state';
import { ToolDetail } from './tools_panel';

interface TranscriptLineProps {
  readonly row: TranscriptRow;
  readonly firstOfTurn: boolean;
  readonly scaleMs: number;
  readonly selected: boolean;
  readonly heard: boolean;
  readonly focused: boolean;
  readonly words: string;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly onTurn: (index: number) => void;
  readonly onSpan: (spanId: string) => void;
  readonly onSeek: (time: Ms) => void;
}

/** A pause shorter than this is part of how people talk. */
const kPauseMs = 500;
const kDoubtful = 0.8;
const kRoles = { caller: { label: 'Caller', ink: 'caller' }, agent: { label: 'Agent', ink: 'agent' }, tool: { label: 'Tool', ink: 'tool' }, system: { label: 'System', ink: 'container' } } as const;

export function TranscriptLine(props: TranscriptLineProps): JSX.Element {
  const { row, selected } = props;
  const { turn } = row;
  const ground = selected ? 'bg-accent/10' : props.heard ? 'bg-play/8' : 'hover:bg-accent/5';
  const edge = props.heard ? 'shadow-[inset_3px_0_0_var(--color-play)]' : selected ? 'shadow-[inset_3px_0_0_var(--color-accent)]' : '';
  return (
    <div className={`${props.firstOfTurn ? 'border-t border-line' : ''} ${ground} ${edge} ${props.focused ? 'outline-2 -outline-offset-2 outline-match' : ''}`}>
      <div
        className="grid max-w-[88rem] cursor-pointer grid-cols-[1.75rem_4.75rem_3rem_minmax(0,1fr)] gap-x-2 py-1 pr-4 pl-2 @xl:grid-cols-[1.75rem_6.75rem_3rem_minmax(0,1fr)_10rem]"
        onClick={() => {
          if (getSelection()?.toString() !== '') return;
          if (turn !== undefined) props.onTurn(turn.index);
          if (row.start !== undefined) props.onSeek(row.start);
        }}
      >
        {props.firstOfTurn && turn !== undefined ? (
          <button type="button" aria-label={`Turn ${turn.index}`} aria-pressed={selected} onClick={() => props.onTurn(turn.index)} className="num self-start rounded text-right font-mono text-xs leading-[1.1875rem] font-semibold text-dim">
            {turn.index}
          </button>
        ) : (
          <span />
        )}
        <Times row={row} />
        <span className="text-xs leading-[1.1875rem] font-medium" style={{ color: `var(--color-kind-${kRoles[row.role].ink})` }}>
          {kRoles[row.role].label}
        </span>
        {row.tool === undefined ? <Said row={row} words={props.words} /> : <ToolLine {...props} />}
        <div className="hidden @xl:block">{row.answers && turn !== undefined && <Answer turn={turn} scaleMs={props.scaleMs} />}</div>
      </div>
      {row.tool !== undefined && props.open && (
        <div className="pr-4 pb-2 pl-[9rem] @xl:pl-[14rem]">
          <ToolDetail tool={row.tool} onSpan={props.onSpan} onTurn={props.onTurn} />
        </div>
      )}
    </div>
  );
}

/** Start and end, and under them the silence before: what a reader looks for in a slow call. */
function Times({ row }: { readonly row: TranscriptRow }): JSX.Element {
  const { gapMs } = row;
  return (
    <span className="num text-right font-mono text-2xs leading-[1.1875rem] text-faint">
      {row.start === undefined ? '' : formatOffset(row.start, 1)}
      {row.end !== undefined && row.end !== row.start && <span className="hidden @xl:inline">–{formatOffset(row.end, 1)}</span>}
      {gapMs !== undefined && gapMs >= kPauseMs && (
        <span className="block text-[10px] leading-3" title="Silence before">
          {formatDuration(gapMs)} silence
        </span>
      )}
    </span>
  );
}

function Said({ row, words }: { readonly row: TranscriptRow; readonly words: string }): JSX.Element {
  const unheard = row.generatedText?.startsWith(row.text) === true ? row.generatedText.slice(row.text.length) : undefined;
  const doubtful = row.confidence !== undefined && row.confidence < kDoubtful;
  return (
    <div className="min-w-0">
      <span dir="auto" className={`text-pretty break-words ${row.role === 'system' ? 'text-dim' : 'text-ink'}`}>
        {row.text === '' ? <span className="text-faint">no text</span> : <Marked text={row.text} words={words} />}
        {unheard !== undefined && (
          <span className="text-faint line-through decoration-1" title="Generated, but the caller barged in before it was heard">
            <Marked text={unheard} words={words} />
          </span>
        )}
      </span>
      <span className="ml-1.5 inline-flex flex-wrap gap-1 align-[1px]">
        {row.gapMs !== undefined && row.gapMs < -kOverlapMs && (
          <Badge tone="warn" title="Began while the other side still spoke">
            overlaps {formatDuration(-row.gapMs)}
          </Badge>
        )}
        {row.interrupted && <Badge tone="warn">interrupted{row.interruptedBy === undefined ? '' : ` by ${row.interruptedBy === 'user' ? 'caller' : row.interruptedBy.replaceAll('_', ' ')}`}</Badge>}
        {row.confidence !== undefined && (
          <span className={`num text-2xs ${doubtful ? 'font-semibold text-warn' : 'text-faint'}`} title="How sure the transcriber was">
            {(row.confidence * 100).toFixed(0)} %
          </span>
        )}
      </span>
      {row.generatedText !== undefined && unheard === undefined && (
        <p className="mt-0.5 border-l-2 border-line-strong pl-2 text-xs text-dim">
          <span className="text-faint">generated: </span>
          <bdi>
            <Marked text={row.generatedText} words={words} />
          </bdi>
        </p>
      )}
    </div>
  );
}

/** Shorter overlaps are within what can be measured. */
const kOverlapMs = 100;

function ToolLine({ row, words, open, onToggle }: TranscriptLineProps): JSX.Element {
  const tool = row.tool!;
  return (
    <span className="num flex min-w-0 items-baseline gap-2 text-xs leading-[1.1875rem]">
      <button
        type="button"
        aria-expanded={open}
        className={`flex max-w-full min-w-0 items-baseline gap-1 rounded font-mono hover:underline ${tool.isError ? 'text-bad' : 'text-ink'}`}
        onClick={(event) => {
          event.stopPropagation();
          onToggle();
        }}
      >
        <Icon name="down" className={`size-2.5 self-center text-faint ${open ? '' : '-rotate-90'}`} />
        <span className="shrink-0">
          <Marked text={tool.name} words={words} />
        </span>
        <span className="truncate text-faint">
          (<Marked text={summarise(tool.arguments)} words={words} />)
        </span>
      </button>
      {tool.isError && <Badge tone="bad">failed</Badge>}
      <span className="shrink-0 text-dim">{tool.durationMs === undefined ? <NotCaptured short /> : formatDuration(tool.durationMs)}</span>
    </span>
  );
}

function Answer({ turn, scaleMs }: { readonly turn: Turn; readonly scaleMs: number }): JSX.Element {
  const latency = latencyOf(turn);
  if (turn.user === undefined && latency === undefined) return <div className="text-right text-2xs text-faint">greeting</div>;
  return (
    <div className="flex flex-col gap-0.5 pt-0.5">
      <div className="flex items-baseline justify-end gap-1.5 text-xs">
        <Latency value={latency} strong />
        <span className="text-2xs text-faint">{latencySourceOf(turn) ?? ''}</span>
      </div>
      <WaitBar turn={turn} scaleMs={Math.max(scaleMs, waitSumMs(turn))} />
    </div>
  );
}

const summarise = (text: string | undefined): string => (text === undefined ? '' : text.replace(/^\{|\}$/g, '').slice(0, 90));
