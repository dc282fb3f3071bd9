// What happens in a running call, as the server tells it.
import { readEventStream } from '@/base/event_stream';
import { Fields } from '@/base/json';
import { ApiError, send, url } from './client';
import { parseCallSummary, parsePage, parseSpan } from './parse';
import type { CallSummary, Span } from './types';

export type LiveEvent =
  | { readonly type: 'call'; readonly call: CallSummary }
  | { readonly type: 'spans'; readonly spans: readonly Span[] }
  | { readonly type: 'end' };

/** How the page hears of news: told by the server, asking every few seconds as telling failed, or not at all. */
export type LiveState = 'connecting' | 'streaming' | 'polling' | 'stopped';

const kRetryMsFirst = 1_000;
const kRetryMsMax = 15_000;
const kPollMs = 2_000;

export interface LiveOptions {
  readonly callId: number;
  readonly onEvent: (event: LiveEvent) => void;
  readonly onState: (state: LiveState) => void;
  /** Called every two seconds while the stream is not to be had. */
  readonly onPoll: () => void;
}

/** Follows a call until the server says it ended or the returned function is called. */
export function followCall(options: LiveOptions): () => void {
  const abort = new AbortController();
  let poll: ReturnType<typeof setInterval> | undefined;

  const setPolling = (on: boolean): void => {
    if (on && poll === undefined) poll = setInterval(options.onPoll, kPollMs);
    if (!on && poll !== undefined) {
      clearInterval(poll);
      poll = undefined;
    }
  };

  const run = async (): Promise<void> => {
    let retryMs = kRetryMsFirst;
    options.onState('connecting');
    let ended = false;
    const onEvent = (event: LiveEvent): void => {
      if (event.type === 'end') ended = true;
      options.onEvent(event);
    };
    const isOver = (): boolean => ended || abort.signal.aborted;
    while (!isOver()) {
      try {
        const response = await send('GET', url(`calls/${options.callId}/events`), { signal: abort.signal, accept: 'text/event-stream' });
        if (response.body === null) throw new ApiError('The server sent no events.', 0, 'unreachable');
        setPolling(false);
        options.onState('streaming');
        retryMs = kRetryMsFirst;
        await readEventStream(response.body, ({ type, data }) => {
          const event = parseLiveEvent(type, data);
          if (event !== undefined) onEvent(event);
        });
      } catch {
        // Handled below like an orderly close: keep the page fresh by asking, and try again.
      }
      if (isOver()) break;
      setPolling(true);
      options.onState('polling');
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      retryMs = Math.min(retryMs * 2, kRetryMsMax);
    }
    setPolling(false);
    options.onState('stopped');
  };

  void run();
  return () => {
    abort.abort();
    setPolling(false);
  };
}

function parseLiveEvent(type: string, data: string): LiveEvent | undefined {
  if (type === 'end') return { type: 'end' };
  if (type !== 'call' && type !== 'spans') return undefined;
  const fields = new Fields(JSON.parse(data), type);
  if (type === 'call') return { type: 'call', call: parseCallSummary(fields) };
  return { type: 'spans', spans: parsePage(parseSpan)(fields).items };
}
