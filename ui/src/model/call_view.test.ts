import { expect, test } from 'vitest';
import { callViewOf, searchOfCallView } from './call_view';
import { formatSearchText, parseSearchText } from './search_text';

function check(address: string): void {
  expect(formatSearchText(searchOfCallView(callViewOf(parseSearchText(address))))).toBe(address);
}

test('a link reopens what it showed', () => {
  check('');
  check('?tab=tools&view=tree&span=00f067aa0ba902b7&t=1200.5,3400.125&find=timeout');
  check('?turn=4');
  check('?view=tree&find=timeout&match=3&folded=00f067aa0ba902b7,00f067aa0ba902b8');
  check('?view=tree&critical=true');
  check('?tab=logs&logs=bad');
});

test('a range that is empty or backwards is ignored', () => {
  expect(callViewOf({ t: '5,5' }).range).toBeUndefined();
  expect(callViewOf({ t: '9,1' }).range).toBeUndefined();
  expect(callViewOf({ t: 'x' }).range).toBeUndefined();
});

test('a place among matches ends with the words that were looked for', () => expect(searchOfCallView(callViewOf({ match: '3' }))).toEqual({}));
