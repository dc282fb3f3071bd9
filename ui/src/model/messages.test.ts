import { expect, test } from 'vitest';
import type { Json } from '@/base/json';
import { messagesOf } from './messages';

function check(value: Json, expected: string): void {
  const lines = messagesOf(value).flatMap((message) => message.parts.map((part) => `${message.role} ${part.type} ${part.name ?? '-'}: ${part.text}`));
  expect(lines.join('\n')).toBe(expected);
}

test('OpenAI chat messages in a text', () =>
  check(
    JSON.stringify([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [{ id: '1', function: { name: 'look_up', arguments: '{"id":7}' } }] },
      { role: 'tool', tool_call_id: '1', content: '{"ok":true}' },
    ]),
    'user text -: Hi\nassistant tool_call look_up: {"id":7}\ntool tool_result -: {"ok":true}',
  ));
test('GenAI parts', () =>
  check(
    [{ role: 'assistant', parts: [{ type: 'text', content: 'One moment.' }, { type: 'tool_call', name: 'f', arguments: { a: 1 } }] }],
    'assistant text -: One moment.\nassistant tool_call f: {"a":1}',
  ));
test('LiveKit chat context', () =>
  check(
    { items: [{ type: 'message', role: 'user', content: ['Hi'] }, { type: 'function_call', name: 'f', arguments: '{}' }, { type: 'function_call_output', name: 'f', output: 'no' }] },
    'user text -: Hi\nassistant tool_call f: {}\ntool tool_result f: no',
  ));
test('what is no list of messages stays an attribute', () => {
  check('plain', '');
  check('[1,2]', '');
  check([{ role: 'user', content: 'x' }, { odd: 1 }], '');
});
