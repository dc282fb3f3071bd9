import { expect, test } from 'vitest';
import type { Call, ToolUse, TranscriptLine, Turn } from '@/api/types';
import { ms } from '@/base/units';
import { rowAt, transcriptRows } from './transcript';

const turn = (index: number, user: readonly [number, number] | undefined, agent: readonly [number, number] | undefined): Turn => ({
  index, source: 'span', start: ms(user?.[0] ?? agent![0]), end: ms(agent?.[1] ?? user![1]), interrupted: false, stages: {}, parts: [], spanIds: [],
  ...(user === undefined ? {} : { user: { start: ms(user[0]), end: ms(user[1]), text: `user ${index}` } }),
  ...(agent === undefined ? {} : { agent: { start: ms(agent[0]), end: ms(agent[1]), text: `agent ${index}` } }),
});
const tool = (name: string, more: Partial<ToolUse> = {}): ToolUse => ({ name, isError: false, synthetic: false, ...more });
const call = (turns: readonly Turn[], tools: readonly ToolUse[] = [], transcript: readonly TranscriptLine[] = []): Call => ({ turns, tools, transcript }) as unknown as Call;
const line = (index: number, role: TranscriptLine['role'], start: number, end: number, more: Partial<TranscriptLine> = {}): TranscriptLine => ({ index, role, text: `${role} ${index}`, start: ms(start), end: ms(end), interrupted: false, ...more });

const shown = (rows: ReturnType<typeof transcriptRows>): readonly string[] => rows.map((row) => `${row.role} ${row.turn?.index ?? '-'}${row.gapMs === undefined ? '' : ` ${row.gapMs}`}${row.answers ? ' answers' : ''}`);

test('without a transcript the turns are the conversation, and silence is counted from who spoke last', () =>
  expect(shown(transcriptRows(call([turn(1, undefined, [0, 1000]), turn(2, [1500, 2500], [3700, 5000])], [tool('look', { start: ms(2800), durationMs: 300, turnIndex: 2 })])))).toEqual([
    'agent 1 answers', 'caller 2 500', 'tool 2', 'agent 2 1200 answers',
  ]));

test('rows of a transcript find their turn; who begins early overlaps', () =>
  expect(shown(transcriptRows(call([turn(1, undefined, [0, 1000]), turn(2, [900, 2000], [2600, 3000])], [], [line(0, 'agent', 0, 1000), line(1, 'caller', 900, 2000), line(2, 'agent', 2600, 3000)])))).toEqual([
    'agent 1 answers', 'caller 2 -100', 'agent 2 600 answers',
  ]));

test('words that were said twice belong to the turn that is nearest in time', () => {
  const again = (index: number, start: number): Turn => ({ ...turn(index, [start, start + 500], [start + 900, start + 1500]), user: { start: ms(start), end: ms(start + 500), text: 'yes' } });
  const rows = transcriptRows(call([again(1, 0), again(2, 9000)], [], [line(0, 'caller', 8800, 9300, { text: 'yes' }), line(1, 'caller', 200, 600, { text: 'yes' })]));
  expect(rows.map((row) => row.turn?.index)).toEqual([2, 1]);
});

test('a tool of the transcript is the tool of the spans', () => {
  const known = tool('look', { callId: 'c1', spanId: 's' });
  const rows = transcriptRows(call([turn(1, [0, 1000], [2000, 3000])], [known], [line(0, 'caller', 0, 1000), line(1, 'tool', 1200, 1300, { tool: { id: 'c1', name: 'look', isError: false } })]));
  expect(rows.map((row) => row.tool?.spanId)).toEqual([undefined, 's']);
});

test('an answer that was heard to its end was not cut, whatever spaces its tokens ended in', () => {
  const rows = (generatedText: string) => transcriptRows(call([], [], [line(0, 'agent', 0, 1000, { text: 'Goodbye.', generatedText })])).map((row) => row.generatedText);
  expect([rows('Goodbye. '), rows('Goodbye. See you.')]).toEqual([[undefined], ['Goodbye. See you.']]);
});

test('the row at a time is the last that began', () => {
  const rows = transcriptRows(call([turn(1, [0, 1000], [2000, 3000])]));
  expect([-5, 0, 1500, 2500, 9000].map((at) => rowAt(rows, at))).toEqual([-1, 0, 0, 1, 1]);
});
