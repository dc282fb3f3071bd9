import { expect, test } from 'vitest';
import type { ToolUse, Turn } from '@/api/types';
import { ms } from '@/base/units';
import { longestTranscriptWait, reasonsOf, summariseTranscriptWaits, transcriptWaitMs } from './why_waited';

const turn = (index: number, more: Partial<Turn> = {}): Turn => ({ index, source: 'span', start: ms(0), end: ms(1), interrupted: false, stages: {}, parts: [], spanIds: [], ...more });
const tool = (name: string, turnIndex: number, durationMs: number, isError = false): ToolUse => ({ name, turnIndex, durationMs, isError, synthetic: false });
const said = (start: number, end: number) => ({ start: ms(start), end: ms(end) });

test('the largest pieces come first, a tool with its name and whether it failed', () => {
  const parts = [{ stage: 'llm' as const, ms: 1_000, spanIds: [] }, { stage: 'tool' as const, ms: 2_400, spanIds: [] }, { stage: 'unexplained' as const, ms: 500, spanIds: [] }];
  const tools = [tool('quick', 4, 10), tool('reserve', 4, 2_390, true), tool('elsewhere', 5, 9_000)];
  expect(reasonsOf(turn(4, { heardMs: 3_900, parts }), tools)).toEqual([{ label: 'Tools', color: 'tool', ms: 2_400, tool: 'reserve', failed: true }]);
});

test('where no piece alone is most of the wait there are two', () => {
  expect(reasonsOf(turn(1, { stages: { sttMs: 300, llmTtftMs: 400, ttsTtfbMs: 200 } }), []).map((reason) => reason.label)).toEqual(['LLM first token', 'STT']);
  expect(reasonsOf(turn(1), [])).toEqual([]);
});

test('a transcript tells how long the answer was waited for, unless they spoke at once', () => {
  const turns = [turn(1, { user: said(0, 1_000), agent: said(1_900, 3_000) }), turn(2, { user: said(4_000, 5_000), agent: said(4_800, 6_000) }), turn(3, { agent: said(0, 1) }), turn(4, { user: said(8_000, 9_000), agent: said(11_700, 12_000) })];
  expect(turns.map(transcriptWaitMs)).toEqual([900, undefined, undefined, 2_700]);
  expect(longestTranscriptWait(turns)).toMatchObject({ turn: { index: 4 }, ms: 2_700 });
  expect(summariseTranscriptWaits(turns)).toMatchObject({ n: 2, p50Ms: 900 });
});
