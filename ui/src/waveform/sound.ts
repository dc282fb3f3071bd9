import type { AudioClock } from '@/model/audio_clock';
import type { SoundMark } from '@/model/sound_marks';
import type { Speech } from '@/model/speech';
import type { WaveSource } from './wave_source';

export interface SoundLane {
  readonly channel: number;
  /** Absent where nothing tells which side the channel is, or both share it. */
  readonly who?: 'caller' | 'agent';
  readonly label: string;
}

/** A recording as the timeline draws it. */
export interface Sound {
  readonly source: WaveSource;
  readonly clock: AudioClock;
  readonly aligned: boolean;
  readonly speech: Speech;
  readonly lanes: readonly SoundLane[];
  readonly marks: readonly SoundMark[];
}

/** Which channel is which side, the caller above. */
export function soundLanes(channels: number, agentChannel: number | undefined): readonly SoundLane[] {
  if (channels < 2) return [{ channel: 0, label: 'Recording, mono' }];
  if (agentChannel === undefined) return [{ channel: 0, label: 'Channel 1' }, { channel: 1, label: 'Channel 2' }];
  return [
    { channel: agentChannel === 0 ? 1 : 0, who: 'caller', label: 'Caller' },
    { channel: agentChannel, who: 'agent', label: 'Agent' },
  ];
}
