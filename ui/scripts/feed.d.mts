export type CallName = 'pipecat' | 'livekit' | 'call_log' | 'foreign' | 'broken_recording' | 'real_pipecat' | 'large_value' | 'words_in_logs' | 'running';

/** Where the fed server is, and which call is which. */
export interface Place {
  readonly url: string;
  readonly key: string;
  readonly empty_key: string;
  readonly reader_key: string;
  readonly calls: Readonly<Record<CallName, number>>;
  /** POST /turn has the running call go on, /end ends it. */
  readonly control: string;
}

export interface Feed {
  readonly place: Place;
  readonly stop: () => Promise<void>;
}

export const kChromium: { readonly executablePath: string; readonly args: string[] };
export function startFeed(program: 'serve.py', ...options: readonly string[]): Promise<Feed>;
