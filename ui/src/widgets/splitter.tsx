import { useRef, type JSX, type KeyboardEvent, type PointerEvent } from 'react';

const kStepPx = 24;

/** A bar between two panels that is dragged, or moved with the arrows. Says how big the panel before it should be. */
export function Splitter(props: {
  readonly label: string;
  readonly direction: 'rows' | 'columns';
  readonly size: number;
  readonly min: number;
  readonly max: number;
  /** Whether the sized panel comes before the bar, or after it. */
  readonly sizes: 'before' | 'after';
  readonly onSize: (size: number) => void;
  readonly onReset: () => void;
}): JSX.Element {
  const drag = useRef<{ readonly at: number; readonly size: number } | undefined>(undefined);
  const rows = props.direction === 'rows';
  const sign = props.sizes === 'before' ? 1 : -1;
  const resize = (size: number): void => props.onSize(Math.max(props.min, Math.min(props.max, Math.round(size))));
  const position = (event: PointerEvent): number => (rows ? event.clientY : event.clientX);
  return (
    <div
      role="separator"
      aria-label={props.label}
      aria-orientation={rows ? 'horizontal' : 'vertical'}
      aria-valuenow={Math.round(props.size)}
      aria-valuemin={props.min}
      aria-valuemax={Math.round(props.max)}
      tabIndex={0}
      className={`relative z-10 shrink-0 touch-none bg-line-strong hover:bg-accent focus-visible:bg-accent ${rows ? 'h-px cursor-row-resize before:absolute before:inset-x-0 before:-inset-y-1' : 'w-px cursor-col-resize before:absolute before:inset-y-0 before:-inset-x-1'} before:content-['']`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { at: position(event), size: props.size };
      }}
      onPointerMove={(event) => {
        if (drag.current !== undefined) resize(drag.current.size + sign * (position(event) - drag.current.at));
      }}
      onPointerUp={() => (drag.current = undefined)}
      onDoubleClick={props.onReset}
      onKeyDown={(event: KeyboardEvent) => {
        const step = event.key === (rows ? 'ArrowDown' : 'ArrowRight') ? kStepPx : event.key === (rows ? 'ArrowUp' : 'ArrowLeft') ? -kStepPx : 0;
        if (step === 0) return;
        event.preventDefault();
        resize(props.size + sign * step);
      }}
    />
  );
}
