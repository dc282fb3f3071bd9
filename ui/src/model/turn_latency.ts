import { kPartStages, type LatencySummary, type PartStage, type Stages, type Turn } from '@/api/types';
import type { KindColor } from './span_kind';

/** Whose word a latency is: what the recording has, what the framework says, what the spans say. */
export const kLatencySources = ['heard', 'reported', 'computed'] as const;
export type LatencySource = (typeof kLatencySources)[number];

export const kSourceLabels: Readonly<Record<LatencySource, string>> = { heard: 'Heard', reported: 'Reported', computed: 'Computed' };

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
  { id: 'llmRoundsMs', label: 'LLM asks for tools', short: 'LLM', color: 'llm' },
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

/** What a stage of the heard silence is called and how it is drawn. Time that no span explains is hatched. */
export const kPartStyles: Readonly<Record<PartStage, { readonly label: string; readonly short: string; readonly color: KindColor | 'unattributed' }>> = {
  endpointing: { label: 'Endpointing wait', short: 'EOU', color: 'endpointing' },
  stt: { label: 'STT finalisation', short: 'STT', color: 'stt' },
  llm: { label: 'LLM first token', short: 'LLM', color: 'llm' },
  tool: { label: 'Tools', short: 'tools', color: 'tool' },
  tts: { label: 'TTS first byte', short: 'TTS', color: 'tts' },
  playout: { label: 'Play-out', short: 'out', color: 'transport' },
  unexplained: { label: 'Unexplained', short: '?', color: 'unattributed' },
};

/** A piece of an answer's wait, however it was measured, laid end to end with the others. */
export interface WaitShare {
  readonly label: string;
  readonly short: string;
  readonly color: KindColor | 'unattributed';
  readonly ms: number;
  readonly startMs: number;
  readonly spanIds: readonly string[];
}

/** The parts of the heard silence where there is a recording; else the stages that spans and framework tell of. */
export function waitShares(turn: Turn): readonly WaitShare[] {
  if (turn.parts.length === 0) return stageShares(turn.stages).map((stage) => ({ ...stage, spanIds: [] }));
  let startMs = 0;
  return turn.parts.flatMap((part) => {
    if (part.ms === undefined || part.ms <= 0) return [];
    const share = { ...kPartStyles[part.stage], ms: part.ms, startMs, spanIds: part.spanIds };
    startMs += part.ms;
    return [share];
  });
}

export const waitSumMs = (turn: Turn): number => waitShares(turn).reduce((sum, share) => sum + share.ms, 0);

export const unexplainedMs = (turn: Turn): number | undefined =>
  turn.parts.length === 0 ? turn.stages.unattributedMs : turn.parts.find((part) => part.stage === 'unexplained')?.ms;

/** The latency a list sorts and colours by: what was heard, else what was reported, else what the spans say. */
export const latencyOf = (turn: Turn): number | undefined => turn.heardMs ?? turn.reportedMs ?? turn.computedMs;

export const latencySourceOf = (turn: Turn): LatencySource | undefined =>
  turn.heardMs !== undefined ? 'heard' : turn.reportedMs !== undefined ? 'reported' : turn.computedMs !== undefined ? 'computed' : undefined;

export const latencyFrom = (turn: Turn, source: LatencySource): number | undefined =>
  source === 'heard' ? turn.heardMs : source === 'reported' ? turn.reportedMs : turn.computedMs;

/** Percentiles of one source over the turns of a call; undefined where no turn has it. Sources are never mixed. */
export function summariseLatency(turns: readonly Turn[], source: LatencySource): LatencySummary | undefined {
  const values = turns.flatMap((turn) => latencyFrom(turn, source) ?? []).sort((a, b) => a - b);
  if (values.length === 0) return undefined;
  const at = (share: number): number => values[Math.min(values.length - 1, Math.max(0, Math.ceil(values.length * share) - 1))]!;
  return { n: values.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: values.at(-1)! };
}

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

export interface WaitSummary {
  readonly label: string;
  readonly color: KindColor | 'unattributed';
  /** How many turns captured it. */
  readonly n: number;
  readonly p50Ms: number;
  readonly maxMs: number;
}

export const summarise = (values: readonly number[]): { readonly n: number; readonly p50Ms: number; readonly maxMs: number } => {
  const sorted = values.toSorted((a, b) => a - b);
  return { n: sorted.length, p50Ms: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, maxMs: sorted.at(-1) ?? 0 };
};

/**
 * Returns for each stage what the turns of a call say about it; a stage nobody captured has n 0. The parts of
 * heard silences and the stages of spans are two measures: where there are parts, stages are left out.
 */
export function summariseWaits(turns: readonly Turn[]): readonly WaitSummary[] {
  const parted = turns.filter((turn) => turn.parts.length > 0);
  if (parted.length === 0) return kStages.map((stage) => ({ label: stage.label, color: stage.color, ...summarise(turns.flatMap((turn) => turn.stages[stage.id] ?? [])) }));
  return kPartStages.map((stage) => ({ ...kPartStyles[stage], ...summarise(parted.flatMap((turn) => turn.parts.find((part) => part.stage === stage)?.ms ?? [])) }));
}
