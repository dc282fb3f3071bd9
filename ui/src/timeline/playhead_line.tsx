import { useEffect, useRef, type JSX } from 'react';
import { px } from '@/base/units';
import { TimeScale } from '@/model/time_scale';
import type { Playhead } from '@/waveform/playhead';
import type { ViewportStore } from './viewport';

/** Where the sound stands, as a line over the timeline. It moves without anything being painted again. */
export function PlayheadLine(props: { readonly store: ViewportStore; readonly playhead: Playhead; readonly left: number; readonly width: number; readonly top: number; readonly height?: number }): JSX.Element {
  const { store, playhead, left, width } = props;
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = (): void => {
      const x = new TimeScale(store.get().view, px(width)).toPx(playhead.get());
      line.current!.style.transform = `translateX(${left + x}px)`;
      line.current!.style.visibility = x < -1 || x > width + 1 ? 'hidden' : 'visible';
    };
    place();
    const stops = [store.subscribe(place), playhead.subscribe(place)];
    return () => stops.forEach((stop) => stop());
  }, [store, playhead, left, width]);
  return (
    <div ref={line} aria-hidden="true" data-playhead="" className="pointer-events-none absolute left-0 z-10 w-px bg-play" style={{ top: props.top, ...(props.height === undefined ? { bottom: 0 } : { height: props.height }) }}>
      <div className="absolute -left-[5px] border-x-[5.5px] border-t-[7px] border-x-transparent border-t-play" />
    </div>
  );
}
