import { useMemo, type JSX } from 'react';
import type { Call, Turn } from '@/api/types';
import { formatDuration, formatLatency, plural } from '@/base/format';
import { kLatencySources, kSourceLabels, latencyOf, latencySourceOf, slowestTurn, summariseLatency, summariseWaits, type WaitSummary } from '@/model/turn_latency';
import { summariseTranscriptWaits, transcriptWaits } from '@/model/why_waited';
import { Latency, stageBackground, WaitBar } from '@/widgets/latency';
import { NotCaptured } from '@/widgets/state';
import { RecordingHealth } from './recording_health';
import { NoStages } from './wait_waterfall';
import { WhyLine } from './why_line';

const kSlowestShown = 8;

/** What stands in the inspector while nothing is selected: where the time of all turns went. */
export function CallOverview({ call, onTurn }: { readonly call: Call; readonly onTurn: (index: number) => void }): JSX.Element {
  const waits = useMemo(() => summariseWaits(call.turns), [call.turns]);
  const slowest = useMemo(() => call.turns.filter((turn) => latencyOf(turn) !== undefined).sort((a, b) => (latencyOf(b) ?? 0) - (latencyOf(a) ?? 0)).slice(0, kSlowestShown), [call.turns]);
  const slowestOf = slowestTurn(call.turns);
  const captured = waits.some((wait) => wait.n > 0);
  const heard = call.turns.some((turn) => turn.parts.length > 0);
  const answered = call.turns.filter((turn) => turn.user !== undefined && turn.agent !== undefined).length;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <section className="border-b border-line px-4 py-3">
        <h2 className="text-sm font-semibold text-ink">Why the caller waited</h2>
        <Sources call={call} />
        {slowestOf !== undefined && (
          <div className="mt-2.5">
            <button type="button" className="num rounded text-left text-xs text-ink hover:underline" onClick={() => onTurn(slowestOf.index)}>
              <span className="text-dim">Slowest is </span>turn {slowestOf.index}
              <span className="text-dim"> with </span>
              <Latency value={latencyOf(slowestOf)} strong />
            </button>
            <WhyLine turn={slowestOf} tools={call.tools} />
          </div>
        )}
        {captured ? (
          <Stages waits={waits} heard={heard} answered={answered} />
        ) : (
          <NoStages />
        )}
      </section>
      {slowest.length > 0 && (
        <section className="border-b border-line px-4 py-3">
          <h3 className="mb-1.5 text-xs font-semibold text-dim">Slowest turns</h3>
          <ul className="num -mx-1.5 text-xs">
            {slowest.map((turn) => (
              <li key={turn.index}>
                <button type="button" onClick={() => onTurn(turn.index)} className="grid w-full grid-cols-[2rem_minmax(0,1fr)_8rem] items-center gap-2 rounded px-1.5 py-1 text-left hover:bg-accent/8">
                  <span className="text-right font-mono text-2xs text-faint">{turn.index}</span>
                  <WaitBar turn={turn} scaleMs={Math.max(1, latencyOf(slowest[0]!) ?? 0)} />
                  <span className="text-right">
                    <Latency value={latencyOf(turn)} /> <span className="text-2xs text-faint">{latencySourceOf(turn)}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {slowest.length === 0 && <WrittenWaits turns={call.turns} onTurn={onTurn} />}
      <RecordingHealth call={call} />
    </div>
  );
}

interface StagesProps {
  readonly waits: readonly WaitSummary[];
  /** Whether they are parts of silences in the recording, or stages that spans and frameworks tell of. */
  readonly heard: boolean;
  readonly answered: number;
}

function Stages({ waits, heard, answered }: StagesProps): JSX.Element {
  // One stage that once took very long must not flatten the rest: its line then ends at the edge.
  const largest = Math.max(1, Math.min(Math.max(...waits.map((wait) => wait.maxMs)), 4 * Math.max(...waits.map((wait) => wait.p50Ms))));
  return (
    <>
      <p className="mt-2.5 mb-1.5 text-xs text-dim">
        {heard ? 'Parts of the heard silence' : 'Stages of the answers'}, median (bar) and slowest (line) over {plural(answered, 'answered turn')}.
      </p>
      <div role="table" aria-label="Stages of all turns" className="num flex flex-col gap-1 text-xs">
        {waits.map((wait) => {
          const look = stageBackground(wait.color);
          return (
            <div key={wait.label} role="row" className="grid grid-cols-[7.5rem_minmax(0,1fr)_4.5rem_4.5rem_3rem] items-center gap-2">
              <span role="rowheader" className={`truncate ${wait.color === 'unattributed' ? 'font-medium text-ink' : 'text-dim'}`}>{wait.label}</span>
              <div role="cell" className="relative h-3 overflow-hidden rounded-[2px] bg-line/40">
                {wait.n > 0 && (
                  <>
                    <div className={`absolute inset-y-0 left-0 rounded-[2px] ${look.className}`} style={{ ...look.style, width: `max(2px, ${(wait.p50Ms / largest) * 100}%)` }} />
                    <div className="absolute top-1/2 h-px bg-dim" style={{ left: `${(wait.p50Ms / largest) * 100}%`, width: `${((Math.min(wait.maxMs, largest) - wait.p50Ms) / largest) * 100}%` }} />
                    {wait.maxMs <= largest && <div className="absolute inset-y-0.5 w-px bg-dim" style={{ left: `calc(${(wait.maxMs / largest) * 100}% - 1px)` }} />}
                  </>
                )}
              </div>
              {wait.n === 0 ? (
                <span role="cell" className="col-span-3 text-right"><NotCaptured /></span>
              ) : (
                <>
                  <span role="cell" className="text-right font-medium">{formatLatency(wait.p50Ms)}</span>
                  <span role="cell" className="text-right text-dim">{formatLatency(wait.maxMs)}</span>
                  <span role="cell" className="text-right text-2xs text-faint">n {wait.n}</span>
                </>
              )}
            </div>
          );
        })}
      </div>
    </>
  );
}

/** Where nothing measured a latency: what the times of the transcript leave between question and answer. */
function WrittenWaits({ turns, onTurn }: { readonly turns: readonly Turn[]; readonly onTurn: (index: number) => void }): JSX.Element | null {
  const waits = transcriptWaits(turns);
  if (waits.length === 0) return null;
  const { p50Ms, n } = summariseTranscriptWaits(turns);
  return (
    <section aria-label="Silences of the transcript" className="border-b border-line px-4 py-3">
      <h3 className="mb-1.5 text-xs font-semibold text-dim">Longest silences before an answer</h3>
      <p className="num mb-1.5 text-xs text-dim">
        As the times of the transcript have them: median {formatDuration(p50Ms)}, n {n}. No latency was measured.
      </p>
      <ul className="num -mx-1.5 text-xs">
        {waits.slice(0, kSlowestShown).map(({ turn, ms }) => (
          <li key={turn.index}>
            <button type="button" onClick={() => onTurn(turn.index)} className="grid w-full grid-cols-[2rem_minmax(0,1fr)_5rem] items-center gap-2 rounded px-1.5 py-1 text-left hover:bg-accent/8">
              <span className="text-right font-mono text-2xs text-faint">{turn.index}</span>
              <span className="h-2 rounded-[2px] bg-line/50">
                <span className="hatched block h-2 rounded-[2px]" style={{ width: `${(ms / waits[0]!.ms) * 100}%` }} />
              </span>
              <span className="text-right text-ink">{formatDuration(ms)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The three measures of response latency over the call, side by side. */
function Sources({ call }: { readonly call: Call }): JSX.Element {
  return (
    <table aria-label="Response latency" className="num mt-1.5 w-full text-xs">
      <thead>
        <tr className="text-2xs text-faint">
          <th scope="col" className="text-left font-normal">Response latency</th>
          <th scope="col" className="text-right font-normal">p50</th>
          <th scope="col" className="text-right font-normal">p95</th>
          <th scope="col" className="text-right font-normal">slowest</th>
          <th scope="col" className="w-12 text-right font-normal">n</th>
        </tr>
      </thead>
      <tbody>
        {kLatencySources.map((source) => {
          const summary = call[source] ?? summariseLatency(call.turns, source);
          return (
            <tr key={source}>
              <th scope="row" className={`text-left ${source === 'heard' ? 'font-semibold text-ink' : 'font-normal text-dim'}`}>{kSourceLabels[source]}</th>
              {summary === undefined ? (
                <td colSpan={4} className="text-right"><NotCaptured /></td>
              ) : (
                <>
                  <td className="text-right"><Latency value={summary.p50Ms} /></td>
                  <td className="text-right"><Latency value={summary.p95Ms} /></td>
                  <td className="text-right"><Latency value={summary.maxMs} /></td>
                  <td className="text-right text-faint">{summary.n}</td>
                </>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
