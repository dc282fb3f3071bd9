import type { Stages, Turn } from '@/api/types';
import type { KindColor } from './span_kind';

export type StageId = keyof Stages;

export interface StageStyle {
  readonly id: StageId;
  readonly label: string;
  readonly short: string;
  readonly color: KindColor | 'unattributed';
}

/** The stages of an answer in the order they happen. */
export const kStages: readonly StageStyle[] = [
  { id: 'endpointingMs', label: 'Endpointing', short: 'EOU', color: 'endpointing' },
  { id: 'sttMs', label: 'STT', short: 'STT', color: 'stt' },
  { id: 'llmTtftMs', label: 'LLM first token', short: 'LLM', color: 'llm' },
  { id: 'toolMs', label: 'Tools', short: 'tools', color: 'tool' },
  { id: 'textAggregationMs', label: 'Text aggregation', short: 'text', color: 'custom' },
  { id: 'ttsTtfbMs', label: 'TTS first byte', short: 'TTS', color: 'tts' },
  { id: 'unattributedMs', label: 'Unattributed', short: 'other', color: 'unattributed' },
];

export interface StageShare extends StageStyle {
  readonly ms: number;
  readonly startMs: number;
}

/** Returns the captured stages one after another, each with where it starts when they are laid end to end. */
export function stageShares(stages: Stages): readonly StageShare[] {
  let startMs = 0;
  return kStages.flatMap((stage) => {
    const value = stages[stage.id];
    if (value === undefined || value <= 0) return [];
    const share = { ...stage, ms: value, startMs };
    startMs += value;
    return [share];
  });
}

export const stageSumMs = (stages: Stages): number => stageShares(stages).reduce((sum, stage) => sum + stage.ms, 0);

/** The latency a list sorts and colours by: what the framework reported, else what the spans say. They are never mixed. */
export const latencyOf = (turn: Turn): number | undefined => turn.reportedMs ?? turn.computedMs;

export function slowestTurn(turns: readonly Turn[]): Turn | undefined {
  let slowest: Turn | undefined;
  for (const turn of turns) {
    if ((latencyOf(turn) ?? -1) > (slowest === undefined ? -1 : (latencyOf(slowest) ?? -1))) slowest = turn;
  }
  return slowest === undefined || latencyOf(slowest) === undefined ? undefined : slowest;
}

export type LatencyGrade = 'fine' | 'slow' | 'bad';

/** A caller notices a second and a half of silence, and asks "hello?" after three. */
export const kSlowMs = 1_500;
export const kBadMs = 3_000;
export const gradeLatency = (milliseconds: number): LatencyGrade => (milliseconds < kSlowMs ? 'fine' : milliseconds < kBadMs ? 'slow' : 'bad');

export interface StageSummary extends StageStyle {
  /** How many turns captured it. */
  readonly n: number;
  readonly p50Ms: number;
  readonly maxMs: number;
}

/** Returns for each stage what the turns of a call say about it; a stage nobody captured has n 0. */
export function summariseStages(turns: readonly Turn[]): readonly StageSummary[] {
  return kStages.map((stage) => {
    const values = turns.flatMap((turn) => turn.stages[stage.id] ?? []).sort((a, b) => a - b);
    return { ...stage, n: values.length, p50Ms: values[Math.floor((values.length - 1) / 2)] ?? 0, maxMs: values.at(-1) ?? 0 };
  });
}
