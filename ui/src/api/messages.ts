// The conversation of a model with its agent, as the server reads it out of spans and log lines.
import { queryOptions } from '@tanstack/react-query';
import { present, type Fields } from '@/base/json';
import { get } from './client';
import { textUnlessEmpty } from './parse_values';

export interface AskedTool {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

export interface Message {
  readonly role: string;
  readonly content: string;
  readonly toolCallId?: string;
  readonly toolCalls: readonly AskedTool[];
}

export interface SpanMessages {
  /** Instructions that stand apart from the messages come first. */
  readonly input: readonly Message[];
  readonly output: readonly Message[];
}

export const messagesQuery = (traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ['messages', traceId, spanId],
    queryFn: ({ signal }) => get(`traces/${traceId}/spans/${spanId}/messages`, [], parseSpanMessages, signal),
    staleTime: 10_000,
  });

function parseSpanMessages(fields: Fields): SpanMessages {
  const system = textUnlessEmpty(fields.text('system'));
  const input = fields.list('input', parseMessage);
  return { input: system === undefined ? input : [{ role: 'system', content: system, toolCalls: [] }, ...input], output: fields.list('output', parseMessage) };
}

function parseMessage(fields: Fields): Message {
  return present({
    role: fields.text('role') ?? '',
    content: fields.text('content') ?? '',
    toolCallId: fields.text('tool_call_id'),
    toolCalls: fields.list('tool_calls', (call) => present({ id: call.text('id'), name: call.text('name') ?? '', arguments: call.text('arguments') ?? '' })),
  });
}
