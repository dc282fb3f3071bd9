import type { Call } from '@/api/types';

export type Side = 'caller' | 'agent';

/** Returns which channel is which side; undefined for one channel, or where nothing tells. A stated index wins. */
export function soundSides(call: Call): Readonly<Record<Side, number>> | undefined {
  const recording = call.recordings.find((candidate) => candidate.state === 'complete') ?? call.recordings[0];
  if (recording === undefined || recording.channels < 2) return undefined;
  const agent = recording.agentChannel ?? (call.audio?.state === 'done' ? call.audio.agentChannel : undefined);
  return agent === undefined ? undefined : { agent, caller: agent === 0 ? 1 : 0 };
}
