import { ms, type Interval, type Ms } from '@/base/units';

/** Ten microseconds across the screen is as close as spans deserve. */
const kViewMsMin = 0.01;

/** Which part of the axis is seen. Immutable; every move returns another one, kept within the bounds. */
export class Viewport {
  readonly bounds: Interval;
  readonly view: Interval;

  private constructor(bounds: Interval, view: Interval) {
    this.bounds = bounds;
    this.view = view;
  }

  static whole(bounds: Interval): Viewport {
    return new Viewport(bounds, bounds);
  }

  get isWhole(): boolean {
    return this.view.start <= this.bounds.start && this.view.end >= this.bounds.end;
  }

  get length(): Ms {
    return ms(this.view.end - this.view.start);
  }

  /** Zooms in by `factor` (out when below one) and leaves `at` where it is on the screen. */
  zoomedAt(at: Ms, factor: number): Viewport {
    const length = clamp(this.length / factor, kViewMsMin, this.boundsLength);
    const share = clamp((at - this.view.start) / this.length, 0, 1);
    const start = at - share * length;
    return this.at(start, start + length);
  }

  pannedBy(distance: Ms): Viewport {
    return this.at(this.view.start + distance, this.view.end + distance);
  }

  /** Shows `interval` with a margin of `margin` times its length on each side. */
  showing(interval: Interval, margin = 0): Viewport {
    const length = Math.max(interval.end - interval.start, kViewMsMin);
    return this.at(interval.start - length * margin, interval.end + length * margin);
  }

  /** Moves as little as needed for `interval` to be seen. */
  revealing(interval: Interval): Viewport {
    const margin = this.length * 0.05;
    if (interval.end < this.view.start || interval.start > this.view.end || interval.end - interval.start > this.length) {
      const middle = (interval.start + Math.min(interval.end, interval.start + this.length)) / 2;
      return this.at(middle - this.length / 2, middle + this.length / 2);
    }
    if (interval.start < this.view.start) return this.pannedBy(ms(interval.start - this.view.start - margin));
    if (interval.end > this.view.end) return this.pannedBy(ms(interval.end - this.view.end + margin));
    return this;
  }

  whole(): Viewport {
    return new Viewport(this.bounds, this.bounds);
  }

  /** Takes over bounds that have grown. Who saw the whole call keeps seeing it; who looked elsewhere stays there. */
  withBounds(bounds: Interval): Viewport {
    if (bounds.start === this.bounds.start && bounds.end === this.bounds.end) return this;
    if (this.isWhole) return Viewport.whole(bounds);
    return new Viewport(bounds, bounds).at(this.view.start, this.view.end);
  }

  private get boundsLength(): number {
    return this.bounds.end - this.bounds.start;
  }

  private at(start: number, end: number): Viewport {
    const length = clamp(end - start, Math.min(kViewMsMin, this.boundsLength), this.boundsLength);
    const from = clamp(start, this.bounds.start, this.bounds.end - length);
    return new Viewport(this.bounds, { start: ms(from), end: ms(from + length) });
  }
}

/** The viewport that the timeline paints from and keys and buttons move. It lives outside React, as it changes every frame. */
export class ViewportStore {
  private current: Viewport;
  private readonly listeners = new Set<() => void>();

  constructor(viewport: Viewport) {
    this.current = viewport;
  }

  get(): Viewport {
    return this.current;
  }

  set(viewport: Viewport): void {
    if (viewport === this.current) return;
    this.current = viewport;
    for (const listener of this.listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
