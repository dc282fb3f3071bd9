import { useEffect, useRef, type JSX, type ReactNode } from 'react';
import { formatLength, formatOffset } from '@/base/format';
import type { Call } from '@/api/types';
import { kRates } from '@/waveform/player';
import { Icon, type IconName } from '@/widgets/icon';
import { ClockButton } from './clock_button';
import type { Playback } from './use_playback';

interface PlayerBarProps {
  readonly call: Call;
  readonly playback: Playback;
  /** The turn a loop would play, if one is selected. */
  readonly loopTurn: number | undefined;
  readonly onLoop: () => void;
}

/** Everything that moves the sound. */
export function PlayerBar({ call, playback, loopTurn, onLoop }: PlayerBarProps): JSX.Element {
  const { player, state, recording } = playback;
  if (recording === undefined) {
    const failed = call.recordings.some((candidate) => candidate.state === 'failed');
    return <span className="whitespace-nowrap text-faint">{failed ? 'The recording did not arrive whole' : 'No recording'}</span>;
  }
  const playing = state.status === 'playing' || state.status === 'waiting';
  return (
    <div role="group" aria-label="Player" className="flex items-center gap-0.5">
      <Control icon={playing ? 'pause' : 'play'} label={`${playing ? 'Pause' : 'Play'} (space)`} strong disabled={state.status === 'loading'} onClick={() => player.toggle()} />
      <Control icon="back5" label="Back 5 s (,)" onClick={() => playback.step(-5)} />
      <Control icon="ahead5" label="Ahead 5 s (.)" onClick={() => playback.step(5)} />
      <Position playback={playback} />
      <select
        aria-label="Speed"
        title="Speed (< and >)"
        value={state.rate}
        onChange={(event) => player.setRate(Number(event.target.value))}
        className="h-6 rounded border border-transparent bg-transparent px-0.5 text-xs font-medium text-ink hover:border-line-strong"
      >
        {kRates.map((rate) => (
          <option key={rate} value={rate}>
            {rate}×
          </option>
        ))}
      </select>
      <Control icon="skip" label="Skip silence (x)" pressed={state.skipsSilence} disabled={playback.speech === undefined} onClick={() => player.setSkipsSilence(!state.skipsSilence)} />
      <Control icon="loop" label={state.loop !== undefined ? 'Stop looping (r)' : loopTurn === undefined ? 'Loop a turn: select one first (r)' : `Loop turn ${loopTurn} (r)`} pressed={state.loop !== undefined} disabled={state.loop === undefined && loopTurn === undefined} onClick={onLoop} />
      <ClockButton callId={call.id} playback={playback} />
      <Status playback={playback} />
    </div>
  );
}

function Status({ playback }: { readonly playback: Playback }): ReactNode {
  const { state, recording } = playback;
  if (state.status === 'loading') return <span role="status" className="ml-1 whitespace-nowrap text-dim">loading{state.progress > 0 ? ` ${Math.round(state.progress * 100)} %` : '…'}</span>;
  if (state.status === 'failed') return <span role="alert" className="ml-1 max-w-80 truncate text-bad" title={state.error}>{state.error}</span>;
  if (state.status === 'waiting') return <span role="status" className="ml-1 whitespace-nowrap text-good">waiting for more…</span>;
  if (recording?.state === 'receiving') {
    return (
      <button type="button" className="ml-1 rounded px-1 whitespace-nowrap text-good hover:bg-line/60" title="Fetch what has come meanwhile" onClick={() => playback.player.reload()}>
        coming in…
      </button>
    );
  }
  return undefined;
}

/** Where the sound stands, written without rendering the page. */
function Position({ playback }: { readonly playback: Playback }): JSX.Element {
  const text = useRef<HTMLSpanElement>(null);
  const { playhead, lengthS } = playback;
  useEffect(() => {
    const write = (): void => void (text.current!.textContent = formatOffset(playhead.get(), 1));
    write();
    return playhead.subscribe(write);
  }, [playhead]);
  return (
    <span className="num flex items-baseline gap-1 px-1 font-mono text-2xs whitespace-nowrap text-dim" title="Position in the call, and length of the recording">
      <span ref={text} data-position="" className="inline-block min-w-[3.2rem] text-right text-xs font-medium text-ink" />
      {lengthS !== undefined && <span>/ {formatLength(lengthS)}</span>}
    </span>
  );
}

export function Control(props: { readonly icon: IconName; readonly label: string; readonly onClick: () => void; readonly pressed?: boolean; readonly disabled?: boolean; readonly strong?: boolean }): JSX.Element {
  const look = props.strong === true ? 'bg-accent text-on-accent hover:brightness-110' : props.pressed === true ? 'bg-accent/15 text-accent' : 'text-dim hover:bg-line/70 hover:text-ink';
  return (
    <button
      type="button"
      title={props.label}
      aria-label={props.label}
      {...(props.pressed === undefined ? {} : { 'aria-pressed': props.pressed })}
      disabled={props.disabled === true}
      onClick={props.onClick}
      className={`grid size-6 shrink-0 place-items-center rounded disabled:cursor-not-allowed disabled:opacity-40 ${look}`}
    >
      <Icon name={props.icon} className="size-4" />
    </button>
  );
}
