import type { JSX } from 'react';
import type { CallSpans, SpanIndex } from '@/model/call_spans';
import { kKindStyles } from '@/model/span_kind';
import { kTreeRowPx } from './scene';

interface TreeGutterProps {
  readonly call: CallSpans;
  readonly rows: Int32Array;
  readonly first: number;
  readonly last: number;
  readonly width: number;
  readonly collapsed: ReadonlySet<string>;
  readonly selected: SpanIndex | undefined;
  readonly matches: Uint8Array | undefined;
  readonly onSelect: (index: SpanIndex) => void;
  readonly onToggle: (spanId: string) => void;
}

const kIndentPx = 12;

export const treeRowId = (spanId: string): string => `tree-row-${spanId}`;

/** The names of the tree's rows that are near the visible part. */
export function TreeGutter(props: TreeGutterProps): JSX.Element {
  const { call, rows, width } = props;
  const indentMax = Math.max(24, width - 190);
  const shown: JSX.Element[] = [];
  for (let at = props.first; at < props.last; at++) {
    const index = rows[at] as SpanIndex;
    const span = call.span(index);
    const style = kKindStyles[span.kind];
    const placement = call.placement(index);
    const isParent = call.hasChildren(index);
    const isCollapsed = props.collapsed.has(span.spanId);
    const selected = index === props.selected;
    shown.push(
      <div
        key={span.spanId}
        id={treeRowId(span.spanId)}
        role="treeitem"
        aria-level={call.depth[index]! + 1}
        aria-selected={selected}
        {...(isParent ? { 'aria-expanded': !isCollapsed } : {})}
        className={`absolute left-0 flex cursor-default items-center gap-1 overflow-hidden border-b border-line/60 pr-2 text-xs whitespace-nowrap ${selected ? 'bg-accent/16' : 'hover:bg-accent/7'} ${props.matches !== undefined && props.matches[index] === 0 ? 'opacity-40' : ''}`}
        style={{ top: at * kTreeRowPx, height: kTreeRowPx, width, paddingLeft: 4 + Math.min(indentMax, call.depth[index]! * kIndentPx) }}
        onClick={() => props.onSelect(index)}
      >
        {isParent ? (
          <button
            type="button"
            tabIndex={-1}
            aria-label={isCollapsed ? 'Expand' : 'Collapse'}
            className="grid size-4 shrink-0 place-items-center rounded text-dim hover:bg-line hover:text-ink"
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle(span.spanId);
            }}
          >
            <svg viewBox="0 0 8 8" className={`size-2 ${isCollapsed ? '-rotate-90' : ''}`} aria-hidden="true">
              <path d="M0.5 2 L4 6 L7.5 2" fill="none" stroke="currentColor" strokeWidth="1.5" />
            </svg>
          </button>
        ) : (
          <span className="w-4 shrink-0" />
        )}
        <span className="shrink-0 text-[10.5px] font-semibold" style={{ color: `var(--color-kind-${style.color})` }}>
          {style.label}
        </span>
        <span className={`truncate ${span.isError ? 'font-medium text-bad' : 'text-ink'}`}>{span.name}</span>
        {isCollapsed && <span className="num shrink-0 text-[10.5px] text-dim">+{call.subtreeSize[index]! - 1}</span>}
        <span className="min-w-0 shrink-[3] truncate text-dim">{span.toolName ?? span.model ?? (style.color === 'container' || span.kind.endsWith('_turn') ? (span.turnIndex ?? '') : '')}</span>
        {(placement === 'orphan' || placement === 'cycle') && (
          <span
            className="ml-auto shrink-0 rounded border border-warn/50 px-1 text-[10px] leading-3.5 text-warn"
            title={placement === 'orphan' ? `Its parent ${span.parentSpanId ?? ''} never came` : 'Its parents form a circle, opened here'}
          >
            {placement}
          </span>
        )}
      </div>,
    );
  }
  return <>{shown}</>;
}
