import { useEffect, useRef, useState } from 'react';
import { ms, type Interval } from '@/base/units';
import type { CallView } from '@/model/call_view';
import { Viewport, ViewportStore } from '@/timeline/viewport';

const kAddressMs = 300;

/** The viewport of this call, kept in step with the bounds of a growing call and with the address. */
export function useViewport(bounds: Interval, range: Interval | undefined, change: (view: Partial<CallView>) => void): ViewportStore {
  const [store] = useState(() => new ViewportStore(Viewport.whole(bounds)));
  const start = range?.start;
  const end = range?.end;
  const written = useRef<string | undefined>(undefined);

  useEffect(() => {
    const grown = store.get().withBounds(bounds);
    const text = start === undefined || end === undefined ? '' : `${start},${end}`;
    // The address leads, unless it only says what was written into it from here.
    if (text === written.current) store.set(grown);
    else store.set(start === undefined || end === undefined ? grown.whole() : grown.showing({ start, end }));
    written.current = text;
  }, [store, bounds, start, end]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = (): void => {
      const { view, isWhole } = store.get();
      const next = isWhole ? undefined : { start: ms(Math.round(view.start * 1000) / 1000), end: ms(Math.round(view.end * 1000) / 1000) };
      const text = next === undefined ? '' : `${next.start},${next.end}`;
      if (text === written.current) return;
      written.current = text;
      change({ range: next } as Partial<CallView>);
    };
    const stop = store.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(write, kAddressMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, change]);
  return store;
}
