import { expect, test } from 'vitest';
import { EventStreamParser } from './event_stream';

test('events survive being cut anywhere', () => {
  const text = ': hello\n\nevent: call\ndata: {"id":1}\n\ndata: a\ndata:b\r\n\r\nevent: end\ndata:\n\n';
  const expected = [
    { type: 'call', data: '{"id":1}' },
    { type: 'message', data: 'a\nb' },
    { type: 'end', data: '' },
  ];
  for (let size = 1; size <= text.length; size++) {
    const parser = new EventStreamParser();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...parser.push(text.slice(at, at + size)));
    expect(events, `chunks of ${size}`).toEqual(expected);
  }
});

test('an unfinished event is not delivered', () => {
  expect(new EventStreamParser().push('event: call\ndata: {}\n')).toEqual([]);
});
