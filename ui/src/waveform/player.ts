import type { Speech, Stretch } from '@/model/speech';

export const kRates = [0.5, 0.75, 1, 1.25, 1.5, 2, 3] as const;

export interface PlayerState {
  readonly status: 'idle' | 'loading' | 'paused' | 'playing' | 'waiting' | 'failed';
  /** Share of the sound that has come, while loading. */
  readonly progress: number;
  readonly error: string;
  readonly rate: number;
  readonly muted: readonly boolean[];
  readonly skipsSilence: boolean;
  readonly loop: Stretch | undefined;
}

/** Shorter silences are part of how people talk. */
const kSkippedSilenceS = 0.8;
const kLeadInS = 0.15;
/** How near its end a recording is over. */
const kEndSlackS = 0.05;
/** When to look for more of a sound that still comes in, once all that had come was played. */
const kFirstLookMs = 500;
const kLookMsMax = 8_000;

export interface SoundSource {
  /** Where a media element may take the sound from piece by piece. */
  readonly address?: string | undefined;
  /** Fetches all of it, where there is no such address or it is no longer good. */
  readonly fetchWhole: (signal: AbortSignal, onProgress: (share: number) => void) => Promise<Blob>;
  /** Whether more of the sound is to come. */
  readonly grows?: boolean | undefined;
}

/** Plays one recording. The sound is asked for when it is first played; until then a seek is only remembered. */
export class Player {
  private source: SoundSource;
  private readonly listeners = new Set<() => void>();
  private abort = new AbortController();
  private current: PlayerState = { status: 'idle', progress: 0, error: '', rate: 1, muted: [false, false], skipsSilence: false, loop: undefined };
  private element: HTMLAudioElement | undefined;
  private gains: readonly GainNode[] = [];
  private context: AudioContext | undefined;
  private address = '';
  private wantedS = 0;
  private speech: Speech | undefined;
  /** Whether there may be more than the element has. */
  private isPartial = false;
  private lookMs = kFirstLookMs;
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(source: SoundSource) {
    this.source = source;
  }

  get state(): PlayerState {
    return this.current;
  }

  /** Where the sound stands, in seconds from sample 0. */
  get seconds(): number {
    return this.element?.currentTime ?? this.wantedS;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The same sound from now on: as it grew, or whole. What plays goes on, and the rest comes after it. */
  setSource(source: SoundSource): void {
    this.source = source;
  }

  /** Tells where there is speech, for skipping what is not. */
  setSpeech(speech: Speech | undefined): void {
    this.speech = speech;
  }

  async play(): Promise<void> {
    if (this.current.status === 'loading') return;
    const { signal } = this.abort;
    try {
      if (this.element === undefined) {
        this.change({ status: 'loading', progress: 0 });
        await this.open();
      }
      await this.context?.resume();
      await this.element?.play();
    } catch (error) {
      if (!signal.aborted) this.change({ status: 'failed', error: error instanceof Error ? error.message : String(error) });
    }
  }

  pause(): void {
    clearTimeout(this.looking);
    if (this.current.status === 'waiting') this.change({ status: 'paused' });
    this.element?.pause();
  }

  toggle(): void {
    if (this.current.status === 'playing' || this.current.status === 'waiting') this.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    this.wantedS = Math.max(0, seconds);
    if (this.element !== undefined) this.element.currentTime = Math.min(this.wantedS, Math.max(0, this.element.duration - kEndSlackS));
  }

  setRate(rate: number): void {
    if (this.element !== undefined) this.element.playbackRate = rate;
    this.change({ rate });
  }

  setMuted(channel: number, muted: boolean): void {
    this.change({ muted: this.current.muted.map((known, at) => (at === channel ? muted : known)) });
    this.connect();
  }

  setSkipsSilence(skipsSilence: boolean): void {
    this.change({ skipsSilence });
  }

  setLoop(loop: Stretch | undefined): void {
    this.change({ loop });
  }

  /** Keeps the sound inside its loop and out of silence. Call it with every frame while it plays. */
  tick(): void {
    if (this.current.status !== 'playing') return;
    const at = this.seconds;
    const { loop } = this.current;
    if (loop !== undefined) {
      if (at >= loop.endS || at < loop.startS - 0.5) this.seek(loop.startS);
      return;
    }
    if (!this.current.skipsSilence) return;
    const speaks = this.speech?.endOfSilence(at, kSkippedSilenceS + kLeadInS);
    if (speaks !== undefined) this.seek(speaks - kLeadInS);
  }

  /** Forgets the sound, so that the next play fetches what has come meanwhile. */
  reload(): void {
    this.wantedS = this.seconds;
    this.close();
    this.change({ status: 'idle' });
  }

  /** Falls silent and lets go of the sound. */
  stop(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.close();
    this.change({ status: 'idle' });
  }

  private async open(): Promise<void> {
    const { signal } = this.abort;
    this.isPartial = this.source.grows === true;
    const element = (await this.stream()) ?? (await this.fetch());
    signal.throwIfAborted();
    element.playbackRate = this.current.rate;
    element.currentTime = Math.min(this.wantedS, Math.max(0, element.duration - kEndSlackS));
    element.onplay = () => this.change({ status: 'playing' });
    element.onpause = () => this.change({ status: 'paused' });
    element.ontimeupdate = () => {
      if (element.currentTime > this.wantedS + 1) this.lookMs = kFirstLookMs;
    };
    element.onended = () => {
      if (this.isPartial) this.lookForMore(element.currentTime);
    };
    element.onerror = () => {
      this.wantedS = element.currentTime;
      this.close();
      this.change({ status: 'failed', error: 'The sound stopped coming. Play asks for it again.' });
    };
    this.element = element;
    this.connect();
  }

  /** Undefined where the sound has no address, or none that is still good. */
  private async stream(): Promise<HTMLAudioElement | undefined> {
    const { address } = this.source;
    return address === undefined ? undefined : openSound(address).catch(() => undefined);
  }

  /** All that had come was played: asks for what came meanwhile, and goes on from `seconds`. */
  private lookForMore(seconds: number): void {
    this.change({ status: 'waiting' });
    this.looking = setTimeout(() => {
      this.lookMs = Math.min(this.lookMs * 2, kLookMsMax);
      this.wantedS = seconds;
      this.close();
      this.change({ status: 'idle' });
      void this.play();
    }, this.lookMs);
  }

  private async fetch(): Promise<HTMLAudioElement> {
    const blob = await this.source.fetchWhole(this.abort.signal, (progress) => this.change({ progress }));
    this.address = URL.createObjectURL(blob);
    return openSound(this.address);
  }

  /** Routes each channel through a gain of its own once one is muted; until then the sound takes no detour. */
  private connect(): void {
    if (this.element === undefined || (this.gains.length === 0 && !this.current.muted.includes(true))) return;
    if (this.gains.length === 0) {
      this.context = new AudioContext();
      const splitter = this.context.createChannelSplitter(2);
      const merger = this.context.createChannelMerger(2);
      this.context.createMediaElementSource(this.element).connect(splitter);
      this.gains = [0, 1].map((channel) => {
        const gain = this.context!.createGain();
        splitter.connect(gain, channel).connect(merger, 0, channel);
        return gain;
      });
      merger.connect(this.context.destination);
    }
    this.gains.forEach((gain, channel) => (gain.gain.value = this.current.muted[channel] === true ? 0 : 1));
  }

  private close(): void {
    clearTimeout(this.looking);
    if (this.element !== undefined) {
      this.element.onended = null;
      this.element.ontimeupdate = null;
      this.element.onplay = null;
      this.element.onpause = null;
      this.element.onerror = null;
      this.element.pause();
      this.element.removeAttribute('src');
    }
    void this.context?.close();
    this.context = undefined;
    if (this.address !== '') URL.revokeObjectURL(this.address);
    this.element = undefined;
    this.gains = [];
    this.address = '';
  }

  private change(change: Partial<PlayerState>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }
}

function openSound(address: string): Promise<HTMLAudioElement> {
  const element = new Audio();
  element.preload = 'auto';
  element.preservesPitch = true;
  return new Promise((resolve, reject) => {
    element.onloadedmetadata = () => resolve(element);
    element.onerror = () => reject(new Error('This browser can’t decode the recording. Its original can be downloaded.'));
    element.src = address;
  });
}
