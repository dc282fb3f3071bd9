// The sound of a call: its peaks for drawing, its bytes for playing.
import { ApiError, send } from './client';
import { readPeaks, type Peaks } from './peaks';
import type { Recording } from './types';

export async function fetchPeaks(recording: Recording, level: number, signal: AbortSignal): Promise<Peaks> {
  const response = await send('GET', `${recording.url}/peaks?level=${level}`, { signal, accept: 'application/octet-stream' });
  return readPeaks(await response.arrayBuffer());
}

/**
 * Fetches a recording whole, with the key: as it was received, or to play one that has no address of its own.
 * `onProgress` gets the share that has come, where the server says how much there is.
 */
export async function fetchRecording(recording: Recording, original: boolean, signal: AbortSignal, onProgress: (share: number) => void): Promise<Blob> {
  const response = await send('GET', `${recording.url}${original ? '?original=1' : ''}`, { signal, accept: 'audio/*,*/*' });
  const total = Number(response.headers.get('content-length') ?? '0');
  if (response.body === null) throw new ApiError('The server sent no sound.', 0, 'unreachable');
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body.getReader();
  for (let came = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    came += value.length;
    if (total > 0) onProgress(came / total);
  }
  return new Blob(chunks, { type: response.headers.get('content-type') ?? recording.contentType });
}

/** Shifts the recording against the spans by hand; undefined takes the shift back. */
export async function nudgeClock(callId: number, nudgeMs: number | undefined): Promise<void> {
  await send('PATCH', `/api/v1/calls/${callId}/clock`, { body: { nudge_ms: nudgeMs ?? null } });
}
