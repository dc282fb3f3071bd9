import { bucketSeconds, type Peaks } from '@/api/peaks';

const kLevelMax = 5;

/** The coarsest level that still has a bucket for every pixel. */
export function levelFor(secondsPerPx: number): number {
  let level = 0;
  while (level < kLevelMax && bucketSeconds(level + 1) <= secondsPerPx) level++;
  return level;
}

/**
 * The peaks of one recording, level by level, fetched when they are first asked for. Until the level that
 * fits has come, the nearest that is there is drawn.
 */
export class WaveSource {
  private readonly fetchLevel: (level: number, signal: AbortSignal) => Promise<Peaks>;
  private readonly levels = new Map<number, Peaks | 'loading' | 'failed'>();
  private readonly listeners = new Set<() => void>();
  private abort = new AbortController();

  constructor(fetchLevel: (level: number, signal: AbortSignal) => Promise<Peaks>) {
    this.fetchLevel = fetchLevel;
  }

  at(secondsPerPx: number): Peaks | undefined {
    const wanted = levelFor(secondsPerPx);
    if (!this.levels.has(wanted)) void this.load(wanted);
    for (let distance = 0; distance <= kLevelMax; distance++) {
      for (const level of [wanted + distance, wanted - distance]) {
        const peaks = this.levels.get(level);
        if (peaks !== undefined && peaks !== 'loading' && peaks !== 'failed') return peaks;
      }
    }
    return undefined;
  }

  /** Whether something was asked for and nothing can be had. */
  get hasFailed(): boolean {
    return this.levels.size > 0 && [...this.levels.values()].every((peaks) => peaks === 'failed');
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Leaves what is under way; it is fetched again when it is asked for again. */
  stop(): void {
    this.abort.abort();
    this.abort = new AbortController();
    for (const [level, peaks] of this.levels) if (peaks === 'loading') this.levels.delete(level);
  }

  private async load(level: number): Promise<void> {
    const { signal } = this.abort;
    this.levels.set(level, 'loading');
    try {
      this.levels.set(level, await this.fetchLevel(level, signal));
    } catch {
      if (signal.aborted) return;
      this.levels.set(level, 'failed');
    }
    for (const listener of this.listeners) listener();
  }
}
