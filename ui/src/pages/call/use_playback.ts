import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { fetchPeaks, fetchRecording } from '@/api/recordings';
import type { Call, Recording } from '@/api/types';
import { ms, type Ms } from '@/base/units';
import { alignmentOf, audioLengthS, isAligned, type Alignment } from '@/model/audio_clock';
import { soundMarks } from '@/model/sound_marks';
import { Speech } from '@/model/speech';
import type { ViewportStore } from '@/timeline/viewport';
import { Player, type PlayerState, type SoundSource } from '@/waveform/player';
import { Playhead } from '@/waveform/playhead';
import { soundLanes, type Sound } from '@/waveform/sound';
import { WaveSource } from '@/waveform/wave_source';

export interface Playback {
  readonly recording: Recording | undefined;
  readonly alignment: Alignment;
  readonly speech: Speech | undefined;
  readonly sound: Sound | undefined;
  readonly player: Player;
  readonly state: PlayerState;
  readonly playhead: Playhead;
  readonly lengthS: number | undefined;
  /** Moves sound and playhead to a time of the call. */
  readonly seek: (time: Ms) => void;
  readonly step: (seconds: number) => void;
}

/** The sound of a call: its waves, and a player under the same playhead, which starts at `start`. */
export function usePlayback(call: Call, store: ViewportStore, start: Ms | undefined): Playback {
  const recording = call.recordings.find((candidate) => candidate.state === 'complete') ?? call.recordings.find((candidate) => candidate.state === 'receiving');
  const address = recording?.url ?? '';
  const alignment = useMemo(() => alignmentOf(call), [call]);
  const { clock } = alignment;
  const done = call.audio?.state === 'done' ? call.audio : undefined;
  const speech = useMemo(() => (done === undefined ? undefined : new Speech(done.segments)), [done]);

  // What identifies the sound is its address; the rest of a recording may change while it comes.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const source = useMemo(() => (recording === undefined ? undefined : new WaveSource((level, signal) => fetchPeaks(recording, level, signal))), [address, done === undefined]);
  useEffect(() => () => source?.stop(), [source]);
  const agentChannel = recording?.agentChannel ?? done?.agentChannel;
  const channels = recording?.channels ?? 0;
  const marks = useMemo(() => soundMarks(done?.events ?? []), [done]);
  const sound = useMemo<Sound | undefined>(
    () => (source === undefined || speech === undefined || channels === 0 ? undefined : { source, clock, aligned: isAligned(alignment), speech, lanes: soundLanes(channels, agentChannel), marks }),
    [source, speech, clock, alignment, channels, agentChannel, marks],
  );

  // eslint-disable-next-line react-hooks/exhaustive-deps
  const player = useMemo(() => new Player(sourceOf(recording)), [address]);
  useEffect(() => () => player.stop(), [player]);
  // Once it has come whole, what plays goes on.
  useEffect(() => player.setSource(sourceOf(recording)), [player, recording]);
  useEffect(() => player.setSpeech(speech), [player, speech]);
  const state = useSyncExternalStore(
    (listener) => player.subscribe(listener),
    () => player.state,
  );
  const [playhead] = useState(() => new Playhead(start));
  // A correction of the clock moves the sound, not the reader.
  useEffect(() => player.seek(clock.toAudio(playhead.get())), [player, playhead, clock]);

  const playing = state.status === 'playing';
  useEffect(() => {
    if (!playing) return;
    let asked = 0;
    const frame = (): void => {
      asked = requestAnimationFrame(frame);
      player.tick();
      const before = playhead.get();
      const now = clock.toCall(player.seconds);
      playhead.set(now);
      // Turns the page when the sound runs out of the view, but never pulls back a reader who looks elsewhere.
      const { view } = store.get();
      if (before >= view.start && before <= view.end && now > view.end) store.set(store.get().pannedBy(ms((view.end - view.start) * 0.9)));
    };
    asked = requestAnimationFrame(frame);
    return () => cancelAnimationFrame(asked);
  }, [playing, player, playhead, clock, store]);

  return useMemo(() => {
    const seek = (time: Ms): void => {
      player.seek(clock.toAudio(time));
      playhead.set(time);
    };
    return {
      recording, alignment, speech, sound, player, state, playhead, lengthS: audioLengthS(call), seek,
      step: (seconds) => seek(ms(Math.max(clock.toCall(0), playhead.get() + seconds * 1000))),
    };
  }, [recording, alignment, speech, sound, player, state, playhead, clock, call]);
}

function sourceOf(recording: Recording | undefined): SoundSource {
  return {
    address: recording?.playUrl,
    grows: recording?.state === 'receiving',
    fetchWhole: (signal, onProgress) => (recording === undefined ? Promise.reject(new Error('There is no recording.')) : fetchRecording(recording, false, signal, onProgress)),
  };
}

/** Says in a line why a recording has no waves yet; empty when it has, or when there is no recording. */
export function recordingNote(call: Call): string {
  const { audio } = call;
  if (audio === undefined) return call.recordings.length === 0 ? '' : 'The recording is not analysed';
  switch (audio.state) {
    case 'receiving':
      return 'The recording is still coming in; what has come can be played';
    case 'queued':
      return 'The recording waits to be analysed';
    case 'analysing':
      return `The recording is being analysed${audio.progress === undefined ? '' : `, ${Math.round(audio.progress * 100)} %`}`;
    case 'failed':
      return `The recording could not be analysed: ${audio.error}`;
    case 'done':
      return '';
  }
}
