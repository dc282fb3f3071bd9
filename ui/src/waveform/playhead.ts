import { ms, type Ms } from '@/base/units';

/** Where the reader stands in the call. It lives outside React, as it moves with every frame of sound. */
export class Playhead {
  private current: Ms;
  private readonly listeners = new Set<() => void>();

  constructor(start = ms(0)) {
    this.current = start;
  }

  get(): Ms {
    return this.current;
  }

  set(time: Ms): void {
    if (time === this.current) return;
    this.current = time;
    for (const listener of this.listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
