// Two calls beside each other: which turn stands by which, and what differs.
import { kPartStages, type PartStage, type Turn } from '@/api/types';
import { fold } from './call_search';
import { kPartStyles, latencyFrom, type LatencySource } from './turn_latency';

export type Alignment = 'index' | 'text';

export interface TurnPair {
  readonly a: Turn | undefined;
  readonly b: Turn | undefined;
}

/** Two texts with fewer words in common than this share are not the same thing said. */
const kAlikeMin = 0.4;
/** All pairs that only hold the same place count less together than one pair of like words. */
const kPlaceScore = 0.9;

export function pairTurns(a: readonly Turn[], b: readonly Turn[], by: Alignment): readonly TurnPair[] {
  return by === 'index' ? byIndex(a, b) : byText(a, b);
}

function byIndex(a: readonly Turn[], b: readonly Turn[]): readonly TurnPair[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => ({ a: a[at], b: b[at] }));
}

/**
 * Keeps the order of both and pairs the turns whose words agree most in sum. Between those, turns that only hold
 * the same place stand together, so that a greeting of other words is set against the greeting; the others stand alone.
 */
function byText(a: readonly Turn[], b: readonly Turn[]): readonly TurnPair[] {
  const wordsA = a.map(wordsOf);
  const wordsB = b.map(wordsOf);
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  const score = (i: number, j: number): number => {
    const alike = likeness(wordsA[i]!, wordsB[j]!);
    if (alike >= kAlikeMin) return 1 + alike;
    return isGreeting(a[i]!) === isGreeting(b[j]!) ? kPlaceScore / (a.length + b.length) : 0;
  };
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const alike = score(i, j);
      best[i * width + j] = Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!, alike > 0 ? alike + best[(i + 1) * width + j + 1]! : 0);
    }
  }
  const pairs: TurnPair[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const alike = score(i, j);
    if (alike > 0 && best[i * width + j] === alike + best[(i + 1) * width + j + 1]!) pairs.push({ a: a[i++], b: b[j++] });
    else if (best[(i + 1) * width + j]! >= best[i * width + j + 1]!) pairs.push({ a: a[i++], b: undefined });
    else pairs.push({ a: undefined, b: b[j++] });
  }
  while (i < a.length) pairs.push({ a: a[i++], b: undefined });
  while (j < b.length) pairs.push({ a: undefined, b: b[j++] });
  return pairs;
}

const isGreeting = (turn: Turn): boolean => turn.user === undefined;

function wordsOf(turn: Turn): ReadonlySet<string> {
  // What the caller said is what a turn is about; the greeting has only the agent's words.
  const text = fold(turn.user?.text ?? turn.agent?.text ?? '');
  return new Set(text.match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** Share of the words that both have, of all that either has. */
export function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let both = 0;
  for (const word of a) if (b.has(word)) both++;
  return both / (a.size + b.size - both);
}

export type Divergence = 'missing' | 'caller' | 'agent' | 'tools';

/** How the two part ways in a pair of turns, if they do: said by either, or by the tools that were called. */
export function divergenceOf(pair: TurnPair, toolsOf: (call: 'a' | 'b', turn: Turn) => readonly string[]): Divergence | undefined {
  const { a, b } = pair;
  if (a === undefined || b === undefined) return 'missing';
  if (!same(a.user?.text, b.user?.text)) return 'caller';
  if (toolsOf('a', a).join('\n') !== toolsOf('b', b).join('\n')) return 'tools';
  if (!same(a.agent?.generatedText ?? a.agent?.text, b.agent?.generatedText ?? b.agent?.text)) return 'agent';
  return undefined;
}

const same = (a: string | undefined, b: string | undefined): boolean => bare(a) === bare(b);
const bare = (text: string | undefined): string => (fold(text ?? '').match(/[\p{L}\p{N}]+/gu) ?? []).join(' ');

export interface StageDelta {
  readonly label: string;
  readonly color: string;
  readonly a: number | undefined;
  readonly b: number | undefined;
}

/** What each stage took in the one and the other; only what at least one of them has. Parts and stages are not set against each other. */
export function stageDeltas(a: Turn | undefined, b: Turn | undefined): readonly StageDelta[] {
  const parts = (a === undefined || a.parts.length > 0) && (b === undefined || b.parts.length > 0);
  const value = (turn: Turn | undefined, stage: PartStage): number | undefined => {
    if (turn === undefined) return undefined;
    return parts ? turn.parts.find((part) => part.stage === stage)?.ms : stageOf(turn, stage);
  };
  return kPartStages.flatMap((stage) => {
    const delta = { ...kPartStyles[stage], a: value(a, stage), b: value(b, stage) };
    return delta.a === undefined && delta.b === undefined ? [] : [delta];
  });
}

function stageOf(turn: Turn, stage: PartStage): number | undefined {
  const { stages } = turn;
  switch (stage) {
    case 'endpointing':
      return stages.endpointingMs;
    case 'stt':
      return stages.sttMs;
    case 'llm':
      return stages.llmTtftMs;
    case 'tool':
      return stages.toolMs;
    case 'tts':
      return stages.ttsTtfbMs;
    case 'playout':
      return undefined;
    case 'unexplained':
      return stages.unattributedMs;
  }
}

/** The strongest source that both calls have: only what was measured alike is compared. */
export function commonSource(a: readonly Turn[], b: readonly Turn[]): LatencySource | undefined {
  return (['heard', 'reported', 'computed'] as const).find((source) => [a, b].every((turns) => turns.some((turn) => latencyFrom(turn, source) !== undefined)));
}
