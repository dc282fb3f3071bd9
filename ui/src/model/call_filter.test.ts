import { expect, test } from 'vitest';
import { callFilterOf, isFiltering, queryOfCallFilter, searchOfCallFilter } from './call_filter';
import { formatSearchText, parseSearchText } from './search_text';

const now = new Date('2026-11-21T15:00:00Z');

/** An address reopens what it says: reading and writing it again gives the same address. */
function check(address: string, query: Record<string, string>): void {
  const filter = callFilterOf(parseSearchText(address));
  expect(formatSearchText(searchOfCallFilter(filter))).toBe(address);
  expect(Object.fromEntries(queryOfCallFilter(filter, now))).toEqual(query);
}

test('addresses and queries use the same words', () => {
  check('', { sort: '-started_at' });
  check('?range=1h&agent_id=3&state=ended&text=late+order&error=true&min_latency_ms=1500&metadata.tier=gold&sort=-latency', {
    from: '2026-11-21T14:00:00.000Z',
    agent_id: '3',
    state: 'ended',
    text: 'late order',
    error: 'true',
    min_latency_ms: '1500',
    'metadata.tier': 'gold',
    sort: '-latency',
  });
  check('?from=2026-11-20T00:00:00Z&model=gpt-4o&tool=look_up', { from: '2026-11-20T00:00:00Z', model: 'gpt-4o', tool: 'look_up', sort: '-started_at' });
});

test('nonsense in an address is left out', () => {
  const filter = callFilterOf({ agent_id: 'x', state: 'odd', sort: 'by luck', range: '9y', text: '  ' });
  expect(isFiltering(filter)).toBe(false);
  expect(filter.sort).toBe('-started_at');
});
