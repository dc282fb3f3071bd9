// Server-sent events read from a fetch body: EventSource can't send a header.

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

/** Splits a text stream into events. Feed it chunks as they come; a half line waits for the next chunk. */
export class EventStreamParser {
  private rest = '';
  private type = '';
  private data: string[] = [];

  push(chunk: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0) events.push({ type: this.type === '' ? 'message' : this.type, data: this.data.join('\n') });
        this.type = '';
        this.data = [];
      } else if (line.startsWith('event:')) {
        this.type = line.slice(6).trimStart();
      } else if (line.startsWith('data:')) {
        this.data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
    }
    return events;
  }
}

/** Reads `body` to its end and hands over each event. Resolves when the server closes; throws when the connection breaks. */
export async function readEventStream(body: ReadableStream<Uint8Array>, onEvent: (event: StreamEvent) => void): Promise<void> {
  const parser = new EventStreamParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.push(decoder.decode(value, { stream: true }))) onEvent(event);
  }
}
