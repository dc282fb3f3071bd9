import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { serverQuery } from '@/api/queries';
import { nudgeClock } from '@/api/recordings';
import { formatDuration } from '@/base/format';
import type { Alignment } from '@/model/audio_clock';
import { Button } from '@/widgets/button';
import { TextField } from '@/widgets/field';
import { Popover } from '@/widgets/popover';
import { explain } from '@/widgets/state';
import type { Playback } from './use_playback';

const kStepsMs = [-100, -10, 10, 100] as const;

/** How far recording and spans can be laid against each other, with a way to correct it by hand. */
export function ClockButton({ callId, playback }: { readonly callId: number; readonly playback: Playback }): JSX.Element | null {
  const { alignment } = playback;
  if (playback.speech === undefined || alignment.state === 'alone') return null;
  const unknown = alignment.state === 'unknown';
  const text = unknown ? 'clock unknown' : alignment.state === 'by_hand' ? 'clock by hand' : alignment.uncertaintyMs === undefined ? 'clock known' : `clock ± ${formatDuration(alignment.uncertaintyMs)}`;
  return (
    <Popover
      label={`${text}, of the recording: ${describe(alignment)}`}
      look="quiet"
      trigger={<span className={`num ${unknown ? 'text-warn' : 'text-dim'}`}>{text}</span>}
    >
      {() => <ClockPanel callId={callId} alignment={alignment} />}
    </Popover>
  );
}

function describe(alignment: Alignment): string {
  if (alignment.state === 'unknown') return 'unknown';
  return `${alignment.clock.offsetMs.toFixed(0)} ms${alignment.uncertaintyMs === undefined ? '' : `, give or take ${alignment.uncertaintyMs.toFixed(0)} ms`}${alignment.state === 'by_hand' ? ', corrected by hand' : ''}`;
}

function ClockPanel({ callId, alignment }: { readonly callId: number; readonly alignment: Alignment }): JSX.Element {
  const client = useQueryClient();
  const server = useQuery(serverQuery);
  const [typed, setTyped] = useState(String(alignment.nudgeMs ?? 0));
  const [before, setBefore] = useState<readonly (number | undefined)[]>([]);
  const nudge = useMutation({
    mutationFn: (value: number | undefined) => nudgeClock(callId, value),
    onSuccess: () => client.invalidateQueries({ queryKey: ['call', callId] }),
  });
  const set = (value: number | undefined): void => {
    setBefore((known) => [...known, alignment.nudgeMs]);
    setTyped(String(value ?? 0));
    nudge.mutate(value);
  };
  const undo = (): void => {
    if (before.length === 0) return;
    const last = before.at(-1);
    setBefore(before.slice(0, -1));
    setTyped(String(last ?? 0));
    nudge.mutate(last);
  };
  const canWrite = server.data?.access === 'read-write';
  return (
    <div className="flex w-80 flex-col gap-2.5 p-3 text-xs">
      <p className="text-pretty text-dim">
        {alignment.state === 'unknown'
          ? 'Too few turns match to tell how the recording lies against the spans, so it is drawn apart, on a time of its own. Move it by hand if you know better.'
          : `Sample 0 of the recording lies ${describe(alignment)} after the start of the call.`}
      </p>
      {alignment.state !== 'unknown' && (
        <dl className="num grid grid-cols-[7rem_1fr] gap-y-0.5">
          <dt className="text-faint">From</dt>
          <dd>{methodText(alignment)}</dd>
          <dt className="text-faint">Turns that match</dt>
          <dd>{alignment.matches ?? 'not stated'}</dd>
        </dl>
      )}
      {canWrite && (
        <>
          <form
            className="flex items-center gap-1.5"
            onSubmit={(event) => {
              event.preventDefault();
              const value = Number(typed);
              if (Number.isFinite(value)) set(value);
            }}
          >
            <label className="flex items-center gap-1.5 text-dim">
              By hand
              <TextField type="number" step={1} value={typed} onChange={(event) => setTyped(event.target.value)} className="num w-20" />
              ms
            </label>
            <Button type="submit" disabled={nudge.isPending || Number(typed) === alignment.nudgeMs}>
              Set
            </Button>
          </form>
          <div className="flex items-center gap-1">
            {kStepsMs.map((step) => (
              <Button key={step} className="num px-2!" disabled={nudge.isPending} aria-label={`Move the recording by ${step} ms`} onClick={() => set((alignment.nudgeMs ?? 0) + step)}>
                {step > 0 ? '+' : '−'}
                {Math.abs(step)}
              </Button>
            ))}
            <Button look="quiet" disabled={before.length === 0 || nudge.isPending} onClick={undo}>
              Undo
            </Button>
            {alignment.nudgeMs !== undefined && (
              <Button look="quiet" disabled={nudge.isPending} onClick={() => set(undefined)}>
                Reset
              </Button>
            )}
          </div>
        </>
      )}
      {nudge.isError && <p role="alert" className="text-bad">{explain(nudge.error)}</p>}
    </div>
  );
}

function methodText(alignment: Alignment): string {
  const text = alignment.method === 'stated' ? 'the stated start' : alignment.method === 'matched' ? 'speech onsets matched with spans' : alignment.method === 'stated+matched' ? 'the stated start, refined by matching' : 'by hand';
  return alignment.nudgeMs === undefined || alignment.method === undefined ? text : `${text}, then by hand: ${alignment.nudgeMs} ms`;
}
