import { expect, test } from 'vitest';
import type { Message } from '@/api/messages';
import { knownCount } from './new_messages';

const list = (text: string): readonly Message[] => Array.from(text, (letter) => ({ role: 'user', content: letter, toolCalls: [] }));

test.each([
  ['', 'abc', 0],
  ['abc', 'abcde', 3],
  ['abc', 'bcde', 2],
  ['abc', 'xyz', 0],
  ['sabyc', 'sabycy', 5],
  ['s', 'sa', 1],
])('%s, then %s', (before, now, known) => expect(knownCount(list(before), list(now))).toBe(known));
