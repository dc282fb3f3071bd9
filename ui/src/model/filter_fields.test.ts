import { expect, test } from 'vitest';
import { callFilterOf } from './call_filter';
import { conditionsOf, millisecondsOf, suggest, type FilterContext } from './filter_fields';

const empty = callFilterOf({});
const context: FilterContext = { agents: [{ id: 3, name: 'northwind-support' }], models: ['gpt-4o', 'nova-3'], flags: [], tools: ['lookup_order'], metadata: new Map([['tier', ['gold', 'silver']]]) };
const labels = (typed: string): readonly string[] => suggest(typed, empty, context).map((suggestion) => suggestion.label);

test('an empty bar offers the fields, those of metadata too', () => expect(labels('')).toEqual(['agent:', 'text:', 'model:', 'tool:', 'latency:', 'heard:', 'flag:', 'error:', 'state:', 'time:', 'metadata.tier:']));

test('words are searched for, but a field or a value that reads alike is one key away', () => {
  expect(labels('mod')).toEqual(['mod', 'model:']);
  expect(labels('gpt')).toEqual(['gpt', 'model:gpt-4o']);
  expect(labels('NORTH')).toEqual(['NORTH', 'agent:northwind-support']);
});

test('a field completes its values, and takes others where that means something', () => {
  expect(labels('model:')).toEqual(['model:gpt-4o', 'model:nova-3']);
  expect(labels('model:claude')).toEqual(['model:claude']);
  expect(labels('agent:nobody')).toEqual([]);
  expect(labels('metadata.tier:go')).toEqual(['metadata.tier:go', 'metadata.tier:gold']);
  expect(labels('latency:1.5s')).toEqual(['latency:1.5s']);
});

test('conditions go into the filter, and out of it', () => {
  const chosen = suggest('agent:north', empty, context)[0]!;
  if (chosen.kind !== 'condition') throw new Error('expected a condition');
  expect(chosen.filter.agentId).toBe(3);
  const [shown] = conditionsOf(chosen.filter, context);
  expect(shown).toEqual({ label: 'agent:northwind-support', removed: empty });
});

test('times of a latency', () => expect(['2s', '800ms', '800', '1.5 s', '>2s', 'fast'].map(millisecondsOf)).toEqual([2000, 800, 800, 1500, 2000, undefined]));
