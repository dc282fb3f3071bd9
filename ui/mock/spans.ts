// Telemetry as the frameworks would send it for a planned call, in the shape of our API.
import type { CallPlan, TurnPlan } from './plan.ts';
import { Random } from './random.ts';

export interface WireSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string;
  readonly name: string;
  readonly kind: string;
  readonly start_time_unix_nano: string;
  readonly end_time_unix_nano: string;
  readonly status: { readonly code: string; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: { readonly name: string; readonly version: string };
  readonly events: readonly unknown[];
  readonly links: readonly unknown[];
  readonly flags: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** For the mock itself: times in ms from the start of the call. */
  readonly start: number;
  readonly end: number;
}

interface Sketch {
  readonly name: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly parent?: string;
  readonly attributes?: Record<string, unknown>;
  readonly facts?: Record<string, unknown>;
  readonly error?: string;
  readonly otelKind?: string;
  readonly events?: unknown[];
  readonly links?: unknown[];
  readonly flags?: string[];
  readonly trace?: number;
  readonly drop?: boolean;
  readonly turn?: number;
}

/** Agents cut their history too, and the longest call would need gigabytes without. */
const kHistoryShown = 16;

export function spansOf(plan: CallPlan): readonly WireSpan[] {
  const random = new Random(plan.seed ^ 0x5bd1e995);
  const spans: WireSpan[] = [];
  const nanos = (at: number): string => String(BigInt(plan.startedAt) * 1_000_000n + BigInt(Math.round(at * 1000)) * 1000n);
  const scopeName = { pipecat: 'pipecat', livekit: 'livekit-agents', custom: 'voice-agent', realtime: 'pipecat' }[plan.dialect];
  const resource = {
    'service.name': plan.agentName,
    'service.instance.id': `worker-${random.hex(6)}`,
    'deployment.environment': 'production',
    'telemetry.sdk.language': 'python',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': '1.39.1',
    'host.name': 'ip-10-4-17-88',
    'process.pid': 41,
  };

  const add = (sketch: Sketch): string => {
    const span_id = random.hex(16);
    if (sketch.drop === true) return span_id;
    spans.push({
      trace_id: plan.traceIds[sketch.trace ?? 0]!,
      span_id,
      parent_span_id: sketch.parent ?? '',
      name: sketch.name,
      kind: sketch.otelKind ?? 'INTERNAL',
      start_time_unix_nano: nanos(sketch.start),
      end_time_unix_nano: nanos(sketch.end),
      status: sketch.error === undefined ? { code: 'UNSET' } : { code: 'ERROR', message: sketch.error },
      attributes: sketch.attributes ?? {},
      resource,
      scope: { name: scopeName, version: plan.dialect === 'livekit' ? '' : '1.0.0' },
      events: sketch.events ?? [],
      links: sketch.links ?? [],
      flags: sketch.flags ?? [],
      facts: {
        kind: sketch.kind,
        framework: plan.dialect === 'custom' ? 'cekura' : plan.dialect === 'realtime' ? 'pipecat' : plan.dialect,
        billable: ['stt', 'llm', 's2s', 'tts'].includes(sketch.kind),
        is_error: sketch.error !== undefined,
        ...(sketch.turn === undefined ? {} : { turn_index: sketch.turn }),
        ...sketch.facts,
      },
      start: sketch.start,
      end: sketch.end,
    });
    return span_id;
  };

  const [sttProvider, sttModel] = plan.models.stt;
  const [llmProvider, llmModel] = plan.models.llm;
  const [ttsProvider, ttsModel] = plan.models.tts;
  const history: unknown[] = [{ role: 'system', content: plan.dialogue.system }];

  const llmAttributes = (turn: TurnPlan, ttft: number, output: string, part: number): Record<string, unknown> => ({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': llmProvider,
    'gen_ai.request.model': llmModel,
    'gen_ai.request.temperature': 0.4,
    'gen_ai.output.type': 'text',
    'gen_ai.usage.input_tokens': Math.round(turn.inputTokens / (turn.tool === undefined ? 1 : 2)),
    'gen_ai.usage.output_tokens': Math.round(turn.outputTokens * part),
    'gen_ai.usage.cache_read.input_tokens': turn.cachedTokens,
    'metrics.ttfb': ttft / 1000,
    stream: true,
    input: JSON.stringify([history[0], ...history.slice(1).slice(-kHistoryShown)]),
    output,
    tool_count: 5,
    tools: JSON.stringify([{ type: 'function', function: { name: 'lookup_order', description: 'Finds an order by its number', parameters: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] } } }]),
  });
  const exception = (at: number, message: string): unknown => ({
    name: 'exception',
    time_unix_nano: nanos(at),
    attributes: {
      'exception.type': message.split(':')[0],
      'exception.message': message,
      'exception.stacktrace': `Traceback (most recent call last):\n  File "/app/agent/tools.py", line 88, in run\n    return await handler(**arguments)\n  File "/app/agent/stock.py", line 41, in create_replacement\n    response.raise_for_status()\n  File "/app/.venv/lib/python3.12/site-packages/httpx/_models.py", line 829, in raise_for_status\n    raise HTTPStatusError(message, request=request, response=self)\n${message}`,
      'exception.escaped': 'False',
    },
  });
  const toolAttributes = (turn: TurnPlan): Record<string, unknown> => {
    const tool = turn.tool!;
    return {
      'function.name': tool.name,
      'function.input': JSON.stringify(tool.args),
      ...(tool.result === undefined ? {} : { 'function.output': JSON.stringify(tool.result) }),
      ...(tool.error === undefined ? {} : { 'error.type': 'tool_error' }),
    };
  };

  if (plan.dialect === 'livekit') {
    const job = add({ name: 'job_entrypoint', kind: 'lifecycle', start: 0, end: plan.length, drop: plan.rootLost, attributes: { 'lk.job_id': `AJ_${random.hex(10)}`, 'lk.agent_name': plan.agentName, 'lk.job.dispatch_latency': 0.184 } });
    const session = add({ name: 'agent_session', kind: 'call', start: 120, end: plan.length - 80, parent: job, attributes: { 'lk.agent_label': 'agent.SupportAgent', 'gen_ai.operation.name': 'invoke_workflow' } });
    const begin = add({ name: 'session_start', kind: 'lifecycle', start: 125, end: 640, parent: session });
    add({ name: 'room_connect', kind: 'transport', start: 140, end: 372, parent: begin });
    add({ name: 'wait_for_participant', kind: 'transport', start: 375, end: 601, parent: begin });
    add({ name: 'wait_for_audio_track', kind: 'transport', start: 380, end: 633, parent: begin });
    for (const turn of plan.turns) {
      if (turn.user !== undefined) {
        const { start, end, text } = turn.user;
        history.push({ role: 'user', content: text });
        const decided = end + turn.endpointing + turn.stt;
        const user = add({ name: 'user_turn', kind: 'user_turn', start, end: decided, parent: session, turn: turn.index, attributes: { 'lk.pii.user_transcript': text, 'lk.transcript_confidence': 0.97, 'lk.transcription_delay': turn.stt / 1000, 'lk.end_of_turn_delay': turn.endpointing / 1000 }, facts: { provider: sttProvider, model: sttModel } });
        add({ name: 'user_speaking', kind: 'user_speech', start, end, parent: user, turn: turn.index });
        const wait = add({ name: 'eou_wait', kind: 'turn_detection', start: end, end: decided, parent: user, turn: turn.index, facts: { latency_ms: turn.endpointing } });
        add({ name: 'eou_detection', kind: 'turn_detection', start: end + turn.stt, end: end + turn.stt + 28, parent: wait, turn: turn.index, attributes: { 'lk.eou.probability': 0.83, 'lk.eou.unlikely_threshold': 0.15, 'lk.eou.endpointing_delay': turn.endpointing / 1000 } });
        add({ name: 'on_user_turn_completed', kind: 'lifecycle', start: decided, end: decided + 2, parent: session, turn: turn.index });
      }
      const begins = turn.user === undefined ? turn.agent.start - turn.ttfb - 60 : turn.user.end + turn.endpointing + turn.stt;
      const agent = add({ name: 'agent_turn', kind: 'agent_turn', start: begins, end: turn.agent.end, parent: session, turn: turn.index, attributes: { 'lk.speech_id': `speech_${random.hex(10)}`, 'lk.interrupted': turn.interrupted, 'lk.pii.response.text': turn.agent.text, ...(turn.user === undefined ? {} : { 'lk.e2e_latency': (turn.agent.start - turn.user.end) / 1000 }) } });
      if (turn.user !== undefined) {
        let first = begins + turn.ttft;
        const request = (start: number, ttft: number, output: string, part: number): void => {
          const node = add({ name: 'llm_node', kind: 'wrapper', start, end: start + ttft + turn.outputTokens * 9 * part, parent: agent, turn: turn.index, attributes: { 'lk.response.ttft': ttft / 1000 } });
          const call = add({ name: 'llm_request', kind: 'llm', start: start + 3, end: start + ttft + turn.outputTokens * 9 * part - 2, parent: node, turn: turn.index, otelKind: 'CLIENT', attributes: llmAttributes(turn, ttft, output, part), facts: { provider: llmProvider, model: llmModel, latency_ms: ttft - 3, cost_usd: turn.inputTokens * 2.5e-6 * part } });
          add({ name: 'llm_request_run', kind: 'attempt', start: start + 3, end: start + ttft + turn.outputTokens * 9 * part - 3, parent: call, turn: turn.index, attributes: { 'lk.retry_count': 0 } });
        };
        if (turn.tool !== undefined) {
          const tool = turn.tool;
          request(begins, turn.ttft, '', 0.3);
          history.push({ role: 'assistant', content: null, tool_calls: [{ id: tool.id, type: 'function', function: { name: tool.name, arguments: JSON.stringify(tool.args) } }] }, { role: 'tool', tool_call_id: tool.id, content: JSON.stringify(tool.result ?? { error: tool.error }) });
          add({
            name: 'function_tool', kind: 'tool', start: tool.start, end: tool.end, parent: agent, turn: turn.index,
            attributes: { 'lk.function_tool.name': tool.name, 'lk.function_tool.id': tool.id, 'lk.function_tool.is_error': tool.error !== undefined, 'lk.pii.function_tool.arguments': JSON.stringify(tool.args), 'lk.pii.function_tool.output': JSON.stringify(tool.result ?? tool.error) },
            facts: { tool_name: tool.name, is_error: tool.error !== undefined },
            ...(tool.error === undefined ? {} : { error: tool.error, events: [exception(tool.end - 4, tool.error)] }),
          });
          first = tool.end + turn.ttftAfterTool;
          request(tool.end, turn.ttftAfterTool, turn.agent.text, 0.7);
        } else request(begins, turn.ttft, turn.agent.text, 1);
        const ttsStart = first + turn.aggregation;
        const node = add({ name: 'tts_node', kind: 'wrapper', start: ttsStart, end: turn.agent.end - 300, parent: agent, turn: turn.index });
        const call = add({ name: 'tts_request', kind: 'tts', start: ttsStart + 2, end: Math.max(ttsStart + turn.ttfb + 200, turn.agent.end - 900), parent: node, turn: turn.index, otelKind: 'CLIENT', attributes: { 'lk.pii.input_text': turn.agent.text, 'lk.tts.label': `${ttsProvider}.TTS`, 'lk.tts_metrics': JSON.stringify({ ttfb: turn.ttfb / 1000, characters_count: turn.agent.text.length, audio_duration: (turn.agent.end - turn.agent.start) / 1000, cancelled: turn.interrupted }) }, facts: { provider: ttsProvider, model: ttsModel, latency_ms: turn.ttfb } });
        add({ name: 'tts_request_run', kind: 'attempt', start: ttsStart + 3, end: Math.max(ttsStart + turn.ttfb + 190, turn.agent.end - 910), parent: call, turn: turn.index });
      }
      add({ name: 'agent_speaking', kind: 'agent_speech', start: turn.agent.start, end: turn.agent.end, parent: agent, turn: turn.index });
      history.push({ role: 'assistant', content: turn.agent.text });
    }
    return spans;
  }

  const custom = plan.dialect === 'custom';
  const conversation = add({ name: 'conversation', kind: 'call', start: 0, end: plan.length, drop: plan.rootLost, attributes: custom ? {} : { 'conversation.id': plan.callId, 'conversation.type': 'voice', 'customer.tier': plan.metadata['tier'] } });
  if (custom) {
    const setup = add({ name: 'POST /v1/calls/answer', kind: 'other', otelKind: 'SERVER', start: 4, end: 212, trace: 1, attributes: { 'http.request.method': 'POST', 'http.response.status_code': 200, 'url.path': '/v1/calls/answer', 'client.address': '10.4.0.12' } });
    add({ name: 'redis GET', kind: 'other', otelKind: 'CLIENT', start: 18, end: 19.4, trace: 1, parent: setup, attributes: { 'db.system': 'redis', 'db.operation.name': 'GET' } });
    add({ name: 'SELECT agents', kind: 'other', otelKind: 'CLIENT', start: 22, end: 61, trace: 1, parent: setup, attributes: { 'db.system': 'postgresql', 'db.query.text': 'SELECT * FROM agents WHERE id = $1' } });
    add({ name: 'retry.publish', kind: 'other', start: 7200, end: 7340, parent: random.hex(16), attributes: { topic: 'call.events' }, flags: ['orphan'] });
  }
  for (const turn of plan.turns) {
    const from = turn.user?.start ?? 0;
    const turnSpan = custom
      ? conversation
      : add({
          name: 'turn', kind: 'turn', start: from, end: Math.min(plan.length, turn.agent.end + (turn.interrupted ? 0 : 2500)), parent: conversation, turn: turn.index,
          attributes: { 'turn.number': turn.index, 'turn.type': 'conversation', 'conversation.id': plan.callId, 'turn.was_interrupted': turn.interrupted, ...(turn.user === undefined ? {} : { 'turn.user_bot_latency_seconds': (turn.agent.start - turn.user.end) / 1000 }) },
        });
    if (turn.user !== undefined) {
      history.push({ role: 'user', content: turn.user.text });
      const heard = turn.user.end + turn.endpointing + turn.stt;
      add({ name: 'stt', kind: 'stt', start: turn.user.start, end: heard, parent: turnSpan, turn: turn.index, otelKind: custom ? 'CLIENT' : 'INTERNAL', attributes: { 'gen_ai.provider.name': sttProvider, 'gen_ai.request.model': sttModel, 'gen_ai.operation.name': 'stt', transcript: turn.user.text, is_final: true, language: 'en', 'metrics.ttfb': turn.stt / 1000, vad_enabled: true, 'settings.smart_format': true }, facts: { provider: sttProvider, model: sttModel, latency_ms: turn.stt } });
      let first = heard + turn.ttft;
      if (plan.dialect === 'realtime') {
        add({ name: 'llm_response', kind: 's2s', start: heard, end: turn.agent.start + 900, parent: turnSpan, turn: turn.index, attributes: { ...llmAttributes(turn, turn.ttft, turn.agent.text, 1), 'gen_ai.operation.name': 'llm_response', 'gen_ai.usage.audio.input_tokens': 210, 'gen_ai.usage.audio.output_tokens': 480 }, facts: { provider: llmProvider, model: llmModel, latency_ms: turn.agent.start - heard } });
        if (turn.tool !== undefined) add({ name: 'llm_tool_call', kind: 'tool', start: turn.tool.start, end: turn.tool.end, parent: turnSpan, turn: turn.index, attributes: toolAttributes(turn), facts: { tool_name: turn.tool.name, is_error: turn.tool.error !== undefined }, ...(turn.tool.error === undefined ? {} : { error: turn.tool.error }) });
      } else if (turn.tool !== undefined) {
        const tool = turn.tool;
        const asking = add({ name: 'llm', kind: 'llm', start: heard, end: tool.start, parent: turnSpan, turn: turn.index, attributes: llmAttributes(turn, turn.ttft, '', 0.3), facts: { provider: llmProvider, model: llmModel, latency_ms: turn.ttft, cost_usd: turn.inputTokens * 1.1e-6 } });
        history.push({ role: 'assistant', content: null, tool_calls: [{ id: tool.id, type: 'function', function: { name: tool.name, arguments: JSON.stringify(tool.args) } }] }, { role: 'tool', tool_call_id: tool.id, content: JSON.stringify(tool.result ?? { error: tool.error }) });
        if (custom) {
          const call = add({ name: 'tool_call', kind: 'tool', start: tool.start, end: tool.end, parent: asking, turn: turn.index, attributes: toolAttributes(turn), facts: { tool_name: tool.name, is_error: tool.error !== undefined }, ...(tool.error === undefined ? {} : { error: tool.error, events: [exception(tool.end - 2, tool.error)] }) });
          add({ name: 'POST', kind: 'other', otelKind: 'CLIENT', start: tool.start + 6, end: tool.end - 3, parent: call, turn: turn.index, attributes: { 'http.request.method': 'POST', 'url.full': `https://api.internal/${tool.name}`, 'http.response.status_code': tool.error === undefined ? 200 : 504 }, ...(tool.error === undefined ? {} : { error: '504' }) });
        }
        first = tool.end + turn.ttftAfterTool;
        add({ name: 'llm', kind: 'llm', start: tool.end, end: first + turn.outputTokens * 8, parent: turnSpan, turn: turn.index, attributes: llmAttributes(turn, turn.ttftAfterTool, turn.agent.text, 0.7), facts: { provider: llmProvider, model: llmModel, latency_ms: turn.ttftAfterTool, cost_usd: turn.inputTokens * 1.4e-6 } });
      } else {
        add({ name: 'llm', kind: 'llm', start: heard, end: first + turn.outputTokens * 8, parent: turnSpan, turn: turn.index, attributes: llmAttributes(turn, turn.ttft, turn.agent.text, 1), facts: { provider: llmProvider, model: llmModel, latency_ms: turn.ttft, cost_usd: turn.inputTokens * 2.5e-6 } });
      }
      if (plan.dialect !== 'realtime') {
        add({ name: 'tts', kind: 'tts', start: first + turn.aggregation, end: turn.agent.end, parent: turnSpan, turn: turn.index, attributes: { 'gen_ai.provider.name': ttsProvider, 'gen_ai.request.model': ttsModel, 'gen_ai.operation.name': 'tts', 'gen_ai.output.type': 'speech', voice_id: '71a7ad14-091c-4e8e-a314-022ece01c121', text: turn.agent.generated ?? turn.agent.text, 'metrics.character_count': (turn.agent.generated ?? turn.agent.text).length, 'metrics.ttfb': turn.ttfb / 1000, 'tts.interrupted': turn.interrupted }, facts: { provider: ttsProvider, model: ttsModel, latency_ms: turn.ttfb } });
      }
    } else {
      add({ name: 'tts', kind: 'tts', start: turn.agent.start - turn.ttfb, end: turn.agent.end, parent: turnSpan, turn: turn.index, attributes: { 'gen_ai.provider.name': ttsProvider, 'gen_ai.request.model': ttsModel, text: turn.agent.text, 'metrics.ttfb': turn.ttfb / 1000 }, facts: { provider: ttsProvider, model: ttsModel, latency_ms: turn.ttfb } });
    }
    history.push({ role: 'assistant', content: turn.agent.text });
  }
  return spans;
}
