// The course of a call before any telemetry: who spoke when, and what each answer waited for.
import { kDialogues, type Dialogue, type ToolLine } from './dialogues.ts';
import { Random } from './random.ts';

export type Dialect = 'pipecat' | 'livekit' | 'custom' | 'realtime';

export interface ToolPlan extends ToolLine {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** One exchange; times in ms from the start of the call. */
export interface TurnPlan {
  readonly index: number;
  readonly user?: { readonly start: number; readonly end: number; readonly text: string };
  readonly agent: { readonly start: number; readonly end: number; readonly text: string; readonly generated?: string };
  readonly endpointing: number;
  readonly stt: number;
  readonly ttft: number;
  readonly tool?: ToolPlan;
  readonly ttftAfterTool: number;
  readonly aggregation: number;
  readonly ttfb: number;
  readonly rest: number;
  readonly interrupted: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
}

export interface CallPlan {
  readonly seed: number;
  readonly id: number;
  readonly callId: string;
  readonly dialect: Dialect;
  readonly agentId: number;
  readonly agentName: string;
  readonly startedAt: number;
  readonly length: number;
  readonly turns: readonly TurnPlan[];
  readonly dialogue: Dialogue;
  readonly models: { readonly stt: readonly [string, string]; readonly llm: readonly [string, string]; readonly tts: readonly [string, string] };
  readonly version: string;
  readonly endReason?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly traceIds: readonly string[];
  readonly rootLost: boolean;
}

export interface PlanOptions {
  readonly id: number;
  readonly seed: number;
  readonly dialect: Dialect;
  readonly startedAt: number;
  readonly turnCount?: number;
  readonly dialogue?: number;
  readonly rootLost?: boolean;
  readonly slow?: boolean;
}

export const kAgents = [
  { id: 1, name: 'default', project_id: 1 },
  { id: 3, name: 'northwind-support', project_id: 1 },
  { id: 4, name: 'lakeside-booking', project_id: 1 },
  { id: 5, name: 'meridian-cards', project_id: 1 },
];

const kLlms = [['openai', 'gpt-4o'], ['openai', 'gpt-4.1-mini'], ['anthropic', 'claude-haiku-4-5'], ['google', 'gemini-2.5-flash']] as const;
const kStts = [['deepgram', 'nova-3'], ['assemblyai', 'universal-streaming']] as const;
const kTtss = [['cartesia', 'sonic-2'], ['elevenlabs', 'eleven_flash_v2_5']] as const;

export function planCall(options: PlanOptions): CallPlan {
  const random = new Random(options.seed);
  const dialogueIndex = options.dialogue ?? random.integer(0, kDialogues.length - 1);
  const dialogue = kDialogues[dialogueIndex]!;
  const agent = kAgents[dialogueIndex + 1]!;
  const llm = options.dialect === 'realtime' ? (['openai', 'gpt-realtime'] as const) : random.pick(kLlms);
  const slowness = llm[1] === 'gpt-4o' ? 1.25 : llm[1] === 'gemini-2.5-flash' ? 0.8 : 1;
  const turns: TurnPlan[] = [];
  let now = random.between(700, 1400);
  let context = 420;

  const say = (text: string): number => text.length * random.between(52, 64) + 350;
  turns.push({
    index: 1,
    agent: { start: now, end: now + say(dialogue.greeting), text: dialogue.greeting },
    endpointing: 0, stt: 0, ttft: 0, ttftAfterTool: 0, aggregation: 0, ttfb: random.latency(130), rest: 0,
    interrupted: false, inputTokens: 0, outputTokens: 0, cachedTokens: 0,
  });
  now = turns[0]!.agent.end;

  const count = options.turnCount ?? random.integer(Math.min(3, dialogue.lines.length), dialogue.lines.length);
  for (let at = 0; at < count; at++) {
    const line = dialogue.lines[at % dialogue.lines.length]!;
    const bargedIn = turns.at(-1)!.interrupted;
    const start = bargedIn ? now - 250 : now + random.between(250, 1300);
    const end = start + say(line.user);
    const endpointing = random.latency(options.slow === true && at === 4 ? 900 : 260);
    const stt = random.latency(90);
    const ttft = random.latency(310 * slowness * (options.slow === true && at === 2 ? 3.4 : 1));
    const aggregation = random.latency(45);
    const ttfb = random.latency(130);
    const rest = random.chance(0.85) ? random.latency(70) : random.latency(420);
    const toolMs = line.tool === undefined ? 0 : line.tool.error?.includes('504') === true ? 8_030 : random.latency(line.tool.error === undefined ? 190 : 80);
    const ttftAfterTool = line.tool === undefined ? 0 : random.latency(260 * slowness);
    const toolStart = end + endpointing + stt + ttft + 60;
    const agentStart = end + endpointing + stt + ttft + (line.tool === undefined ? 0 : 60 + toolMs + ttftAfterTool) + aggregation + ttfb + rest;
    const interrupted = at < count - 1 && random.chance(0.12);
    const full = say(line.agent);
    const spoken = interrupted ? full * random.between(0.35, 0.7) : full;
    const heard = interrupted ? line.agent.slice(0, Math.floor(line.agent.length * (spoken / full))) : line.agent;
    context += Math.round((line.user.length + line.agent.length) / 3.6) + (line.tool === undefined ? 0 : 120);
    turns.push({
      index: at + 2,
      user: { start, end, text: line.user },
      agent: { start: agentStart, end: agentStart + spoken, text: heard, ...(interrupted ? { generated: line.agent } : {}) },
      endpointing, stt, ttft, aggregation, ttfb, rest, ttftAfterTool,
      ...(line.tool === undefined ? {} : { tool: { ...line.tool, id: `call_${random.hex(12)}`, start: toolStart, end: toolStart + toolMs } }),
      interrupted,
      inputTokens: context * (line.tool === undefined ? 1 : 2),
      outputTokens: Math.round(line.agent.length / 3.8) + (line.tool === undefined ? 0 : 38),
      cachedTokens: at > 1 ? Math.floor((context * 0.7) / 128) * 128 : 0,
    });
    now = agentStart + spoken;
  }

  return {
    seed: options.seed,
    id: options.id,
    callId: `conv-${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-${random.hex(4)}`,
    dialect: options.dialect,
    agentId: agent.id,
    agentName: agent.name,
    startedAt: options.startedAt,
    length: now + (options.dialect === 'pipecat' ? 2500 : 600),
    turns,
    dialogue,
    models: { stt: random.pick(kStts), llm, tts: random.pick(kTtss) },
    version: options.dialect === 'livekit' ? '1.8.9' : '1.14.0',
    ...(options.rootLost === true ? {} : { endReason: random.pick(['user hung up', 'agent ended the call', 'agent ended the call', 'idle timeout']) }),
    metadata: { tier: random.pick(['gold', 'silver', 'none']), region: random.pick(['eu-west', 'us-east']), build: random.pick(['2026.11.3', '2026.11.4']) },
    traceIds: options.dialect === 'custom' ? [random.hex(32), random.hex(32)] : [random.hex(32)],
    rootLost: options.rootLost === true,
  };
}
