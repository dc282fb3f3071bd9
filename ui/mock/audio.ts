// Recordings of planned calls: who is heard when, the sound of it, its peaks, and what an analysis would say.
import type { CallPlan, TurnPlan } from './plan.ts';

type Row = Record<string, unknown>;

export type AudioVariant = 'done' | 'unknown_clock' | 'mono' | 'none' | 'receiving' | 'queued' | 'failed';

const kRateHz = 8_000;
const kHeaderBytes = 44;
const kPeakRateHz = 16_000;

export interface Talk {
  readonly channel: 0 | 1;
  readonly startS: number;
  readonly endS: number;
}

const kSomeVariants: readonly AudioVariant[] = ['done', 'none', 'done', 'queued', 'done', 'failed', 'unknown_clock', 'mono'];

export function variantOf(plan: CallPlan, now: number): AudioVariant {
  if (now - plan.startedAt < plan.length) return 'receiving';
  const named: Readonly<Record<number, AudioVariant>> = { 898: 'done', 897: 'done', 896: 'unknown_clock', 895: 'done', 894: 'none', 893: 'mono', 892: 'queued', 891: 'failed' };
  return named[plan.id] ?? kSomeVariants[plan.seed % kSomeVariants.length]!;
}

/** Milliseconds from the start of the call to sample 0. */
export const offsetOf = (plan: CallPlan): number => 180 + (plan.seed % 7) * 45;

export const hasRecording = (variant: AudioVariant): boolean => variant !== 'none';
export const isAnalysed = (variant: AudioVariant): boolean => variant === 'done' || variant === 'unknown_clock' || variant === 'mono';

const talks = new Map<number, readonly Talk[]>();

/** Who is heard when, in seconds of the recording: sentences with breaths between them. */
export function talkOf(plan: CallPlan): readonly Talk[] {
  let known = talks.get(plan.id);
  if (known === undefined) {
    known = plan.turns.flatMap((turn) => [...(turn.user === undefined ? [] : phrases(plan, 0, turn.user)), ...phrases(plan, 1, turn.agent)]);
    talks.set(plan.id, known);
  }
  return known;
}

function phrases(plan: CallPlan, channel: 0 | 1, said: { readonly start: number; readonly end: number; readonly text: string }): readonly Talk[] {
  const offset = offsetOf(plan);
  const parts = said.text.split(/(?<=[.,?!])\s+/).filter((part) => part !== '');
  const characters = parts.reduce((sum, part) => sum + part.length, 0);
  const pause = 240;
  const speaking = said.end - said.start - pause * (parts.length - 1);
  if (parts.length < 2 || speaking < 400) return [{ channel, startS: (said.start - offset) / 1000, endS: (said.end - offset) / 1000 }];
  let at = said.start;
  return parts.map((part) => {
    const start = at;
    const end = start + (speaking * part.length) / characters;
    at = end + pause;
    return { channel, startS: (start - offset) / 1000, endS: (end - offset) / 1000 };
  });
}

const noise = (at: number): number => {
  const value = Math.sin(at * 127.1 + 311.7) * 43758.5453;
  return value - Math.floor(value);
};

/** How loud a voice is at a time of its phrase: syllables four times a second, none like the other. */
function loudness(talk: Talk, at: number): number {
  const into = at - talk.startS;
  const left = talk.endS - at;
  const syllable = Math.floor(into * 4.3);
  const shape = Math.abs(Math.sin(into * 4.3 * Math.PI));
  return Math.min(1, into * 14, left * 9) * (0.22 + 0.6 * noise(syllable + talk.startS)) * (0.25 + 0.75 * shape);
}

/** The sound of both channels as the bytes of a WAV file: 8 kHz, 8 bit, two channels (or one). */
export class Wav {
  readonly bytes: number;
  private readonly plan: CallPlan;
  private readonly channels: 1 | 2;
  private readonly frames: number;

  constructor(plan: CallPlan, variant: AudioVariant, lengthS: number) {
    this.plan = plan;
    this.channels = variant === 'mono' ? 1 : 2;
    this.frames = Math.floor(lengthS * kRateHz);
    this.bytes = kHeaderBytes + this.frames * this.channels;
  }

  read(start: number, end: number): Buffer {
    const out = Buffer.alloc(end - start, 128);
    const header = this.header();
    for (let at = start; at < Math.min(end, kHeaderBytes); at++) out[at - start] = header[at]!;
    const firstS = Math.max(0, start - kHeaderBytes) / this.channels / kRateHz;
    const lastS = Math.max(0, end - kHeaderBytes) / this.channels / kRateHz;
    for (const talk of talkOf(this.plan)) {
      if (talk.endS < firstS || talk.startS > lastS) continue;
      const from = Math.max(0, Math.ceil(Math.max(talk.startS, firstS) * kRateHz));
      const to = Math.min(this.frames, Math.floor(Math.min(talk.endS, lastS) * kRateHz));
      const pitch = talk.channel === 0 ? 118 : 196;
      for (let frame = from; frame < to; frame++) {
        const at = kHeaderBytes + frame * this.channels + (this.channels === 1 ? 0 : talk.channel) - start;
        if (at < 0 || at >= out.length) continue;
        const time = frame / kRateHz;
        const phase = (time * pitch) % 1;
        const voice = (phase < 0.3 ? 1 - phase / 0.15 : -0.3) * 0.6 + Math.sin(time * 2 * Math.PI * pitch * 5) * 0.25;
        out[at] = Math.max(0, Math.min(255, out[at]! + Math.round(voice * loudness(talk, time) * 110)));
      }
    }
    return out;
  }

  private header(): Buffer {
    const header = Buffer.alloc(kHeaderBytes);
    const data = this.frames * this.channels;
    header.write('RIFF', 0);
    header.writeUInt32LE(36 + data, 4);
    header.write('WAVEfmt ', 8);
    header.writeUInt32LE(16, 16);
    header.writeUInt16LE(1, 20);
    header.writeUInt16LE(this.channels, 22);
    header.writeUInt32LE(kRateHz, 24);
    header.writeUInt32LE(kRateHz * this.channels, 28);
    header.writeUInt16LE(this.channels, 32);
    header.writeUInt16LE(8, 34);
    header.write('data', 36);
    header.writeUInt32LE(data, 40);
    return header;
  }
}

export function peaksOf(plan: CallPlan, variant: AudioVariant, level: number, lengthS: number): Buffer {
  const channels = variant === 'mono' ? 1 : 2;
  const bucketS = (256 * 4 ** level) / kPeakRateHz;
  const count = Math.ceil(lengthS / bucketS);
  const header = 32;
  const out = Buffer.alloc(header + count * channels * 2);
  out.write('CSPEAK01', 0);
  out.writeUInt16LE(channels, 8);
  out.writeUInt8(1, 10);
  out.writeUInt8(level, 11);
  out.writeUInt32LE(kPeakRateHz, 12);
  out.writeBigUInt64LE(BigInt(Math.round(lengthS * kPeakRateHz)), 16);
  out.writeUInt32LE(256, 24);
  for (let at = header; at < out.length; at += 2) {
    out.writeInt8(-1, at);
    out.writeInt8(noise(at) > 0.6 ? 1 : 0, at + 1);
  }
  for (const talk of talkOf(plan)) {
    const first = Math.max(0, Math.floor(talk.startS / bucketS));
    const last = Math.min(count - 1, Math.floor(talk.endS / bucketS));
    for (let bucket = first; bucket <= last; bucket++) {
      let most = 0;
      for (let step = 0; step < 4; step++) {
        const at = (bucket + (step + 0.5) / 4) * bucketS;
        if (at >= talk.startS && at <= talk.endS) most = Math.max(most, loudness(talk, at));
      }
      const high = Math.min(127, Math.round(most * (0.85 + 0.15 * noise(bucket)) * 127));
      const place = header + ((channels === 1 ? 0 : talk.channel) * count + bucket) * 2;
      out.writeInt8(Math.min(out.readInt8(place), -Math.round(high * (0.7 + 0.3 * noise(bucket * 3)))), place);
      out.writeInt8(Math.max(out.readInt8(place + 1), high), place + 1);
    }
  }
  return out;
}

export interface Heard {
  readonly heardMs: number;
  readonly reportedMs: number | undefined;
  readonly parts: readonly Row[];
}

/** What the caller waited, and where it went: what no span covers is a part of its own. */
export function heardOf(plan: CallPlan, turn: TurnPlan, spanIds: (kind: string) => readonly string[]): Heard | undefined {
  if (turn.user === undefined) return undefined;
  const livekit = plan.dialect === 'livekit';
  const heardMs = Math.round(turn.agent.start - turn.user.end);
  const tool = turn.tool === undefined ? 0 : Math.round(turn.tool.end - turn.tool.start);
  const measured: readonly (readonly [string, number | undefined])[] = [
    ['endpointing', livekit ? turn.endpointing : undefined],
    ['stt', turn.stt],
    ['llm', turn.ttft + turn.ttftAfterTool],
    ...(turn.tool === undefined ? [] : [['tool', tool] as const]),
    ['tts', plan.dialect === 'realtime' ? undefined : turn.ttfb],
    ['playout', Math.round(turn.rest * 0.4)],
  ];
  const explained = measured.reduce((sum, [, ms]) => sum + (ms ?? 0), 0);
  const kinds: Readonly<Record<string, string>> = { endpointing: 'turn_detection', playout: 'agent_speech' };
  return {
    heardMs,
    reportedMs: livekit || plan.dialect === 'pipecat' ? turn.stt + turn.ttft + turn.ttftAfterTool + tool + turn.ttfb : undefined,
    parts: [
      ...measured.map(([stage, ms]) => ({ stage, ms: ms ?? null, state: ms === undefined ? 'not_captured' : 'measured', span_ids: ms === undefined ? [] : spanIds(kinds[stage] ?? stage) })),
      { stage: 'unexplained', ms: heardMs - explained, state: 'measured', span_ids: [] },
    ],
  };
}

export function recordingsOf(plan: CallPlan, variant: AudioVariant, lengthS: number, now: number): readonly Row[] {
  if (!hasRecording(variant)) return [];
  const wav = new Wav(plan, variant, lengthS);
  return [
    {
      id: `rec-${plan.id}`,
      content_type: variant === 'failed' ? 'application/octet-stream' : 'audio/wav',
      format: variant === 'failed' ? 'unknown' : 'wav',
      channels: variant === 'mono' ? 1 : 2,
      sample_rate_hz: kRateHz,
      duration_s: variant === 'receiving' ? null : lengthS,
      bytes: wav.bytes,
      started_at: variant === 'unknown_clock' ? null : new Date(plan.startedAt + offsetOf(plan)).toISOString(),
      agent_channel: variant === 'mono' ? null : 1,
      state: variant === 'receiving' ? 'receiving' : variant === 'failed' ? 'failed' : 'complete',
      url: `/api/v1/calls/${plan.id}/recordings/rec-${plan.id}`,
      source: plan.seed % 2 === 0 ? 'observe' : 'upload',
      at: now,
    },
  ];
}

export function clockOf(plan: CallPlan, variant: AudioVariant, nudgeMs: number | undefined): Row | null {
  if (!isAnalysed(variant)) return null;
  const nudge = nudgeMs === undefined ? {} : { nudge_ms: nudgeMs };
  if (variant === 'unknown_clock') return { state: 'unknown', matches: 2, ...nudge };
  return { state: 'known', offset_ms: offsetOf(plan) + (nudgeMs ?? 0), drift_ppm: 4.2, uncertainty_ms: 9 + (plan.seed % 5) * 6, method: plan.seed % 2 === 0 ? 'stated+matched' : 'matched', matches: plan.turns.length - 1, ...nudge };
}

export function audioOf(plan: CallPlan, variant: AudioVariant, lengthS: number): Row | null {
  const recording = { recording_id: `rec-${plan.id}` };
  if (variant === 'none') return null;
  if (variant === 'receiving' || variant === 'queued') return { state: variant, ...recording };
  if (variant === 'failed') return { state: 'failed', ...recording, error: 'not a sound file: neither WAV, FLAC, MP3 nor Ogg by its first bytes' };
  const talk = talkOf(plan).filter((part) => part.endS > 0 && part.startS < lengthS);
  const offset = offsetOf(plan);
  const turns = plan.turns.flatMap((turn) => [
    ...(turn.user === undefined ? [] : [{ speaker: 'caller', start_s: (turn.user.start - offset) / 1000, end_s: (turn.user.end - offset) / 1000, response_latency_s: null }]),
    { speaker: 'agent', start_s: (turn.agent.start - offset) / 1000, end_s: (turn.agent.end - offset) / 1000, response_latency_s: turn.user === undefined ? null : (turn.agent.start - turn.user.end) / 1000 },
  ]);
  const spoken = (channel: number): number => talk.filter((part) => part.channel === channel).reduce((sum, part) => sum + part.endS - part.startS, 0);
  const mono = variant === 'mono';
  return {
    state: 'done',
    ...recording,
    duration_s: lengthS,
    turns: mono ? [] : turns.map((turn, index) => ({ index, ...turn })),
    segments: talk.map((part) => ({ channel: mono ? 0 : part.channel, start_s: part.startS, end_s: part.endS })),
    events: mono ? [] : eventsOf(plan, offset),
    metrics: mono ? metricsOfMono() : metricsOf(plan, talk, spoken, lengthS),
    health: healthOf(mono, lengthS),
    settings: { vad_threshold: 0.5, merge_ms: 200 },
  };
}

function eventsOf(plan: CallPlan, offset: number): readonly Row[] {
  return plan.turns.flatMap((turn, at) => {
    const before = plan.turns[at - 1];
    const wait = turn.user === undefined ? 0 : turn.agent.start - turn.user.end;
    return [
      ...(before?.interrupted === true && turn.user !== undefined
        ? [{ type: 'interruption', speaker: 'caller', start_s: (turn.user.start - offset) / 1000, end_s: (before.agent.end - offset) / 1000, yield_s: (before.agent.end - turn.user.start) / 1000, yielded: true, counted: true, within_other: false }]
        : []),
      ...(wait > 3_000 && turn.user !== undefined ? [{ type: 'dead_air', speaker: 'agent', start_s: (turn.user.end - offset) / 1000, end_s: (turn.agent.start - offset) / 1000, severity: wait > 10_000 ? 'fail' : 'warn' }] : []),
    ];
  });
}

function distribution(values: readonly number[]): Row {
  if (values.length === 0) return { n: 0 };
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { n: sorted.length, mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, min: sorted[0], max: sorted.at(-1), p25: at(0.25), p50: at(0.5), p75: at(0.75), p90: at(0.9), p95: at(0.95), p99: at(0.99), p50_interval: [at(0.35), at(0.65)], p95_interval: [at(0.8), sorted.at(-1)] };
}

function metricsOf(plan: CallPlan, talk: readonly Talk[], spoken: (channel: number) => number, lengthS: number): Row {
  const waits = plan.turns.flatMap((turn) => (turn.user === undefined ? [] : [(turn.agent.start - turn.user.end) / 1000]));
  const dead = waits.filter((wait) => wait > 3);
  const interrupted = plan.turns.filter((turn) => turn.interrupted).length;
  const side = (channel: number): Row => ({ turns: plan.turns.length, talkspurts: talk.filter((part) => part.channel === channel).length, backchannels: 0, speech_s: spoken(channel), share: spoken(channel) / lengthS, pause_s: distribution([0.24]), floor_transfer_offset_s: distribution(waits), words_per_minute: channel === 0 ? 148 : 171 });
  return {
    response_latency_s: distribution(waits),
    latency_error_s: 0.05,
    caller: side(0),
    agent: side(1),
    interruptions: { by_caller: { starts: interrupted, counted: interrupted, yielded: interrupted, overlap_s: distribution([0.25]), yield_s: distribution([0.25]) }, by_agent: { starts: 0, counted: 0, yielded: 0, overlap_s: { n: 0 }, yield_s: { n: 0 } } },
    false_yields: 0,
    unanswered_turns: 0,
    dead_air: { n: dead.length, failed: dead.filter((wait) => wait > 10).length, total_s: dead.reduce((sum, wait) => sum + wait, 0), longest_s: Math.max(0, ...dead), owed_by_agent_s: dead.reduce((sum, wait) => sum + wait, 0), owed_by_caller_s: 0 },
    time_to_first_audio_s: 0.74,
    overlap_share: 0.004,
    silence_share: Math.max(0, 1 - (spoken(0) + spoken(1)) / lengthS),
    panels: {
      tau_voice: { L_R: 1.9, R_R: 1, L_Y: null, R_Y: null, I_A: 0, S_BC: null, n: { responses: waits.length, turns: waits.length, interruptions: interrupted, backchannels: 0 } },
      eva: { turn_taking: 0.71, passed: false, turns: waits.length, early_rate: 0, on_time_rate: 0.71, late_rate: 0.29, agent_interruption_rate: 0, caller_interruption_rate: 0, last_turn_unanswered: false },
      hosted: { latency_ms_mean: 2_913, agent_interruptions: 0, caller_interruptions: interrupted, stop_ms_mean: null, silences: 0, infrastructure_issue: false, talk_ratio: spoken(1) / lengthS, interruption_score: 5 },
    },
    not_measured: [],
  };
}

function metricsOfMono(): Row {
  return { response_latency_s: null, caller: null, agent: null, interruptions: null, dead_air: null, silence_share: null, panels: null, not_measured: [{ metric: 'response_latency_s', reason: 'both sides share one channel' }, { metric: 'interruptions', reason: 'both sides share one channel' }] };
}

function healthOf(mono: boolean, lengthS: number): Row {
  const channel = (at: number, snr: number, loudness: number): Row => ({ channel: at, silent: false, speech_s: 40, loudness_lufs: loudness, speech_db: loudness + 3, noise_db: loudness - snr, snr_db: snr, peak_db: -3.2, dc_offset: 0.0001, clipped_share: 0, clipped_runs: 0, dropouts: 0, dropouts_per_minute: 0, pitch_hz: at === 0 ? 118 : 196, bandwidth_hz: 3_400, leak: null });
  return {
    format: 'wav', encoding: 'pcm_u8', channels: mono ? 1 : 2, sample_rate_hz: kRateHz, duration_s: lengthS, stated_duration_s: lengthS, expected_duration_s: lengthS + 0.4, drift_ppm: 4.2, loudness_lufs: -21.3, channel_correlation: mono ? null : 0.02, refined_edge_share: 0.91,
    agent_channel: { channel: mono ? null : 1, choice: mono ? 'unknown' : 'stated', confidence: mono ? 0 : 0.98, found: mono ? null : 1 },
    by_channel: mono ? [channel(0, 31.4, -22)] : [channel(0, 18.6, -27.1), channel(1, 41.2, -19.8)],
    flags: mono ? [{ code: 'mono', message: 'both sides share one channel: who spoke when cannot be measured' }] : [{ code: 'narrowband', message: 'channel 0: nothing above 3.4 kHz, as on the telephone' }],
  };
}

export function transcriptOf(plan: CallPlan, elapsed: number): readonly Row[] {
  if (plan.dialect === 'custom') return [];
  const lines: Row[] = [];
  const seconds = (at: number): number => Math.round(at) / 1000;
  for (const turn of plan.turns) {
    if (turn.user !== undefined && turn.user.end <= elapsed) lines.push({ role: 'caller', text: turn.user.text, start_s: seconds(turn.user.start), end_s: seconds(turn.user.end), confidence: 0.72 + 0.27 * noise(turn.user.start), source: 'otlp' });
    const tool = turn.tool;
    if (tool !== undefined && tool.end <= elapsed) lines.push({ role: 'tool', text: tool.name, start_s: seconds(tool.start), end_s: seconds(tool.end), tool: { id: tool.id, name: tool.name, arguments: tool.args, result: tool.result, is_error: tool.error !== undefined, error: tool.error }, source: 'otlp' });
    if (turn.agent.end <= elapsed) lines.push({ role: 'agent', text: turn.agent.text, start_s: seconds(turn.agent.start), end_s: seconds(turn.agent.end), ...(turn.interrupted ? { interrupted: true, generated_text: turn.agent.generated } : {}), source: 'otlp' });
  }
  return lines.map((line, index) => ({ index, ...line }));
}
