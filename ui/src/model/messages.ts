// The conversation a model was given or gave, out of the many shapes frameworks write it in.
import { jsonInText, type Json, type JsonObject } from '@/base/json';

export interface MessagePart {
  readonly type: 'text' | 'tool_call' | 'tool_result' | 'other';
  readonly text: string;
  readonly name?: string;
}

export interface Message {
  readonly role: string;
  readonly parts: readonly MessagePart[];
}

export interface MessageList {
  readonly key: string;
  readonly title: string;
  readonly messages: readonly Message[];
}

const kKeys: readonly (readonly [key: string, title: string])[] = [
  ['gen_ai.system_instructions', 'Instructions'],
  ['gen_ai.input.messages', 'Input'],
  ['input', 'Input'],
  ['lk.chat_ctx', 'Input'],
  ['lk.pii.chat_ctx', 'Input'],
  ['input.value', 'Input'],
  ['gen_ai.output.messages', 'Output'],
];

/** Returns every attribute that holds messages, read. */
export function messageLists(attributes: JsonObject): readonly MessageList[] {
  return kKeys.flatMap(([key, title]) => {
    const messages = messagesOf(attributes[key]);
    return messages.length === 0 ? [] : [{ key, title, messages }];
  });
}

export function messagesOf(value: Json | undefined): readonly Message[] {
  const parsed = typeof value === 'string' ? jsonInText(value) : value;
  const list = isRecord(parsed) && Array.isArray(parsed['items']) ? (parsed['items'] as readonly Json[]) : parsed;
  if (!Array.isArray(list)) return [];
  const messages = (list as readonly Json[]).flatMap((item) => (isRecord(item) ? messageOf(item) : []));
  return messages.length === list.length ? messages : [];
}

function messageOf(item: JsonObject): readonly Message[] {
  const type = item['type'];
  if (type === 'function_call') return [{ role: 'assistant', parts: [{ type: 'tool_call', name: textOf(item['name']), text: textOf(item['arguments']) }] }];
  if (type === 'function_call_output') return [{ role: 'tool', parts: [{ type: 'tool_result', ...nameOf(item), text: textOf(item['output']) }] }];
  const role = item['role'];
  if (typeof role !== 'string') return typeof item['content'] === 'string' && type === 'text' ? [{ role: 'system', parts: [{ type: 'text', text: item['content'] }] }] : [];
  const parts = [...partsOf(item['content'] ?? item['parts'], role), ...toolCallsOf(item['tool_calls'])];
  return [{ role, parts }];
}

function partsOf(content: Json | undefined, role: string): readonly MessagePart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: role === 'tool' ? 'tool_result' : 'text', text: content }];
  if (!Array.isArray(content)) return [{ type: 'other', text: JSON.stringify(content) }];
  return (content as readonly Json[]).map((part): MessagePart => {
    if (typeof part === 'string') return { type: 'text', text: part };
    if (!isRecord(part)) return { type: 'other', text: JSON.stringify(part) };
    const type = part['type'];
    if (type === 'tool_call' || type === 'tool_use') return { type: 'tool_call', name: textOf(part['name']), text: textOf(part['arguments'] ?? part['input']) };
    if (type === 'tool_call_response' || type === 'tool_result') return { type: 'tool_result', text: textOf(part['response'] ?? part['result'] ?? part['content']) };
    const text = part['text'] ?? part['content'];
    return typeof text === 'string' ? { type: 'text', text } : { type: 'other', text: JSON.stringify(part) };
  });
}

function toolCallsOf(value: Json | undefined): readonly MessagePart[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((item): readonly MessagePart[] => {
    if (!isRecord(item)) return [];
    const call = isRecord(item['function']) ? item['function'] : item;
    return [{ type: 'tool_call', name: textOf(call['name']), text: textOf(call['arguments']) }];
  });
}

const nameOf = (item: JsonObject): { readonly name?: string } => (typeof item['name'] === 'string' ? { name: item['name'] } : {});
const textOf = (value: Json | undefined): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
