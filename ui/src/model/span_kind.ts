import type { SpanKind } from '@/api/types';

/** Names of the colours in app/style.css that tell kinds apart. A label always stands beside them. */
export type KindColor = 'caller' | 'agent' | 'endpointing' | 'stt' | 'llm' | 's2s' | 'tool' | 'tts' | 'transport' | 'custom' | 'container';

export const kLaneIds = ['endpointing', 'stt', 'llm', 's2s', 'tool', 'tts', 'speech', 'transport', 'custom'] as const;
export type LaneId = (typeof kLaneIds)[number];

export const kLaneLabels: Readonly<Record<LaneId, string>> = {
  speech: 'Speech',
  endpointing: 'Endpointing',
  stt: 'STT',
  llm: 'LLM',
  s2s: 'Speech to speech',
  tool: 'Tools',
  tts: 'TTS',
  transport: 'Transport',
  custom: 'Custom',
};

export interface KindStyle {
  readonly label: string;
  readonly color: KindColor;
  /** Where the swim lanes show it. Containers and wrappers would only repeat what is inside them. */
  readonly lane?: LaneId;
}

export const kKindStyles: Readonly<Record<SpanKind, KindStyle>> = {
  call: { label: 'call', color: 'container' },
  turn: { label: 'turn', color: 'container' },
  user_turn: { label: 'user turn', color: 'caller' },
  agent_turn: { label: 'agent turn', color: 'agent' },
  stt: { label: 'STT', color: 'stt', lane: 'stt' },
  llm: { label: 'LLM', color: 'llm', lane: 'llm' },
  s2s: { label: 'S2S', color: 's2s', lane: 's2s' },
  tts: { label: 'TTS', color: 'tts', lane: 'tts' },
  tool: { label: 'tool', color: 'tool', lane: 'tool' },
  turn_detection: { label: 'endpoint', color: 'endpointing', lane: 'endpointing' },
  user_speech: { label: 'caller', color: 'caller', lane: 'speech' },
  agent_speech: { label: 'agent', color: 'agent', lane: 'speech' },
  amd: { label: 'AMD', color: 'endpointing', lane: 'endpointing' },
  agent: { label: 'agent', color: 'container' },
  workflow: { label: 'workflow', color: 'container' },
  retrieval: { label: 'retrieval', color: 'custom', lane: 'custom' },
  embedding: { label: 'embed', color: 'custom', lane: 'custom' },
  memory: { label: 'memory', color: 'custom', lane: 'custom' },
  guardrail: { label: 'guardrail', color: 'custom', lane: 'custom' },
  eval: { label: 'eval', color: 'custom', lane: 'custom' },
  wrapper: { label: 'wrapper', color: 'container' },
  attempt: { label: 'attempt', color: 'container' },
  transport: { label: 'transport', color: 'transport', lane: 'transport' },
  lifecycle: { label: 'lifecycle', color: 'transport', lane: 'transport' },
  stall: { label: 'stall', color: 'endpointing', lane: 'custom' },
  other: { label: 'custom', color: 'custom', lane: 'custom' },
};
