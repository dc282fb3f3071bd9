import { ms, px, type Interval, type Ms, type Px } from '@/base/units';

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

  /** Whether any part of the stretch can be seen. */
  shows(start: number, end: number): boolean {
    return end >= this.view.start && start <= this.view.end;
  }
}
