// What the API says of a call's recordings, read into the types of this layer.
import { present, type Fields } from '@/base/json';
import type { Audio, AudioEvent, AudioTurn, Clock, Recording } from './types';
import { iso } from './parse_values';

const kAudioStates = ['receiving', 'queued', 'analysing', 'done', 'failed'] as const;

export function parseAudio(fields: Fields | undefined): Audio | undefined {
  if (fields === undefined) return undefined;
  const state = fields.oneOf('state', kAudioStates, 'queued');
  const recording = present({ recordingId: id(fields, 'recording_id') });
  if (state === 'failed') return { state, ...recording, error: fields.text('error') ?? 'no reason was given' };
  if (state !== 'done') return present({ state, ...recording, progress: fields.number('progress') });
  return present({
    state,
    ...recording,
    turns: fields.list('turns', parseAudioTurn),
    segments: fields.list('segments', (item) => ({ channel: item.number('channel') ?? 0, startS: item.requiredNumber('start_s'), endS: item.requiredNumber('end_s') })),
    events: fields.list('events', parseEvent),
    metrics: fields.record('metrics'),
    health: fields.record('health'),
    settings: fields.record('settings'),
    durationS: fields.number('duration_s'),
    agentChannel: fields.object('health')?.object('agent_channel')?.number('channel'),
  });
}

export function parseRecording(fields: Fields): Recording {
  return present({
    id: id(fields, 'id') ?? '',
    contentType: fields.text('content_type') ?? '',
    format: fields.text('format'),
    channels: fields.number('channels') ?? 1,
    sampleRateHz: fields.number('sample_rate_hz'),
    durationS: fields.number('duration_s'),
    bytes: fields.number('bytes'),
    startedAt: iso(fields, 'started_at'),
    agentChannel: fields.number('agent_channel'),
    state: fields.oneOf('state', ['receiving', 'complete', 'failed'], 'complete'),
    url: fields.text('url') ?? '',
    playUrl: fields.text('play_url'),
    source: fields.text('source'),
  });
}

export function parseClock(fields: Fields | undefined): Clock | undefined {
  if (fields === undefined) return undefined;
  const offsetMs = fields.number('offset_ms');
  const common = present({ nudgeMs: fields.number('nudge_ms'), matches: fields.number('matches') });
  if (fields.text('state') !== 'known' || offsetMs === undefined) return { state: 'unknown', ...common };
  return present({ state: 'known', offsetMs, driftPpm: fields.number('drift_ppm') ?? 0, uncertaintyMs: fields.number('uncertainty_ms'), method: fields.text('method'), ...common } as const);
}

function parseAudioTurn(fields: Fields): AudioTurn {
  const startS = fields.requiredNumber('start_s');
  return present({
    index: fields.number('index') ?? 0,
    speaker: fields.oneOf('speaker', ['caller', 'agent'], 'caller'),
    startS,
    endS: fields.number('end_s') ?? startS,
    responseLatencyS: fields.number('response_latency_s'),
  });
}

function parseEvent(fields: Fields): AudioEvent {
  const startS = fields.number('start_s') ?? fields.number('at_s') ?? 0;
  return present({ type: fields.text('type') ?? fields.text('kind') ?? 'event', startS, endS: fields.number('end_s'), detail: fields.all() });
}

/** Ids are numbers or text. */
const id = (fields: Fields, key: string): string | undefined => fields.text(key) ?? fields.number(key)?.toString();
