import { expect, test } from 'vitest';
import { HeaderLayout } from './header_layout';

const ids = (content: ConstructorParameters<typeof HeaderLayout>[0]): string => new HeaderLayout(content).rows.map((row) => row.id).join(' ');

test('waves frame what was said', () =>
  expect(ids({ waves: 'two', aligned: true, logs: true, note: false })).toBe('ruler turn caller_wave caller agent agent_wave logs'));

test('a recording whose clock is unknown stands apart from the spans', () =>
  expect(ids({ waves: 'two', aligned: false, logs: false, note: false })).toBe('ruler turn caller agent apart caller_wave agent_wave'));

test('without a recording nothing is left over', () => {
  const layout = new HeaderLayout({ waves: 'none', aligned: false, logs: false, note: true });
  expect(layout.rows.map((row) => row.id)).toEqual(['ruler', 'turn', 'caller', 'agent', 'note']);
  expect(layout.at(layout.height)).toBeUndefined();
  expect(layout.at(25)?.id).toBe('turn');
});
