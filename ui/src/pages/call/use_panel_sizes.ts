import { useEffect, useRef, useState, type RefObject } from 'react';
import { preference } from '@/base/preference';
import type { TimelineMode } from '@/model/call_view';

const kInspectorPx = 440;
const kTreeShare = 0.5;
const kLanesShareMax = 0.62;
const kTreeRowsPxMin = 240;
const kDetailsPxMin = 160;

const isSize = (value: string): value is string => /^\d*$/.test(value);
const heights = { tree: preference('tree_height', isSize, ''), lanes: preference('lanes_height', isSize, '') };
const inspectorWidth = preference('inspector_width', isSize, '');

export interface PanelSizes {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly timeline: { readonly size: number; readonly max: number; readonly set: (size: string) => void };
  readonly inspector: { readonly size: number; readonly max: number; readonly set: (size: string) => void };
}

/** The lanes ask for what they need as far as it leaves room for words, the tree for half, until the reader decides. */
export function usePanelSizes(mode: TimelineMode, lanesHeight: number, headerHeight: number): PanelSizes {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 1200, height: 700 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry !== undefined && setRoom({ width: entry.contentRect.width, height: entry.contentRect.height }));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const [chosen, setChosen] = useState({ tree: heights.tree.get(), lanes: heights.lanes.get(), inspector: inspectorWidth.get() });
  const max = Math.max(180, room.height - kDetailsPxMin);
  const wanted = chosen[mode] === '' ? (mode === 'tree' ? Math.max(room.height * kTreeShare, headerHeight + kTreeRowsPxMin) : Math.min(lanesHeight, room.height * kLanesShareMax)) : Number(chosen[mode]);
  const widthMax = Math.max(300, room.width - 320);
  return {
    box,
    timeline: {
      size: Math.min(wanted, max),
      max,
      set: (size) => {
        heights[mode].set(size);
        setChosen((known) => ({ ...known, [mode]: size }));
      },
    },
    inspector: {
      size: Math.min(chosen.inspector === '' ? Math.min(kInspectorPx, room.width * 0.38) : Number(chosen.inspector), widthMax),
      max: widthMax,
      set: (size) => {
        inspectorWidth.set(size);
        setChosen((known) => ({ ...known, inspector: size }));
      },
    },
  };
}
