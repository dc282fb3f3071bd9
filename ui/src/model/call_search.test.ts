import { expect, test } from 'vitest';
import type { LogLine } from '@/api/types';
import { epochNs, ms } from '@/base/units';
import { CallSpans } from './call_spans';
import { marked, searchCall, type Searched } from './call_search';
import { kOrigin, sampleSpan } from './span_samples';
import type { TranscriptRow } from './transcript';

const row = (text: string, start?: number, more: Partial<TranscriptRow> = {}): TranscriptRow => ({ key: text, role: 'caller', text, interrupted: false, answers: false, ...(start === undefined ? {} : { start: ms(start) }), ...more });
const log = (at: number, body: string): LogLine => ({ timeNs: epochNs(kOrigin + BigInt(at * 1e6)), body, attributes: {} });

function check(text: string, searched: Partial<Searched>, expected: readonly string[]): void {
  const found = searchCall(text, { call: new CallSpans([sampleSpan('llm', 10, 20), sampleSpan('tts', 30, 40)], kOrigin), origin: kOrigin, rows: [], logs: [], byAttribute: new Set(), ...searched });
  expect(found?.hits.map((hit) => `${hit.kind}${hit.at === undefined ? '' : ` ${hit.at}`}`)).toEqual(expected);
}

test('spans, words and logs come in order of time', () => check('tts', { rows: [row('say TTS', 5)], logs: [log(35, 'tts slow')] }, ['words 5', 'span 30', 'log 35']));

test('attributes are what the server found', () => check('order 42', { byAttribute: new Set(['llm']) }, ['span 10']));

test('what a tool was given counts as words', () => check('metro', { rows: [row('', 7, { tool: { name: 'pay', arguments: '{"at":"Metro Fuel"}', isError: false, synthetic: false } })] }, ['words 7']));

test('any script, whatever the case and width', () => {
  check('ПОКА', { rows: [row('Ну пока!', 1)] }, ['words 1']);
  check('ａbc', { rows: [row('ABC', 1)] }, ['words 1']);
  check('予約', { rows: [row('明日の予約です', 1)] }, ['words 1']);
});

test('nothing is asked, nothing is found', () => expect(searchCall('  ', { call: new CallSpans([], kOrigin), origin: kOrigin, rows: [], logs: [], byAttribute: new Set() })).toBeUndefined());

test('matches are cut out', () => {
  expect(marked('Order an order', 'order')).toEqual(['', 'Order', ' an ', 'order', '']);
  expect(marked('none', 'x')).toEqual(['none']);
});
