import { ms, px, type Interval, type Ms, type Px } from '@/base/units';

const kBeyondPx = -4;

/** The one mapping between pixels and a call's time that everything on the page shares. */
export class TimeScale {
  readonly view: Interval;
  readonly width: Px;
  readonly msPerPx: number;

  constructor(view: Interval, width: Px) {
    this.view = view;
    this.width = width;
    this.msPerPx = (view.end - view.start) / Math.max(1, width);
  }

  toPx(time: number): Px {
    return px((time - this.view.start) / this.msPerPx);
  }

  toMs(x: number): Ms {
    return ms(this.view.start + x * this.msPerPx);
  }

  /** Returns the edges of a stretch, cut just outside the screen: a canvas draws coordinates of millions badly. */
  edges(start: number, end: number): readonly [left: Px, right: Px] {
    return [px(Math.max(kBeyondPx, this.toPx(start))), px(Math.min(this.width - kBeyondPx, this.toPx(end)))];
  }

  /** Whether any part of the stretch can be seen. */
  shows(start: number, end: number): boolean {
    return end >= this.view.start && start <= this.view.end;
  }
}
