import type { JSX, ReactNode } from 'react';

export interface Column<Row> {
  readonly id: string;
  readonly label: ReactNode;
  readonly title?: string;
  readonly align?: 'left' | 'right';
  readonly className?: string;
  readonly cell: (row: Row) => ReactNode;
}

/** A plain table for up to some hundred rows. */
export function Table<Row>(props: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row, at: number) => string;
  /** Where a row's cells stand; in the middle where some are controls. */
  readonly align?: 'top' | 'middle';
  /** What stands under a row when it is open. */
  readonly below?: (row: Row) => ReactNode;
}): JSX.Element {
  const side = (column: Column<Row>): string => (column.align === 'right' ? 'text-right' : 'text-left');
  return (
    <div className="min-w-0 overflow-x-auto">
      <table aria-label={props.label} className="num w-full border-collapse text-xs">
        <thead>
          <tr className="border-b border-line-strong text-dim">
            {props.columns.map((column) => column.label === '' ? <td key={column.id} /> : (
              <th key={column.id} scope="col" title={column.title} className={`px-2.5 py-1.5 font-medium whitespace-nowrap first:pl-4 last:pr-4 ${side(column)}`}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, at) => {
            const below = props.below?.(row);
            const open = below !== undefined && below !== null && below !== false;
            return [
              <tr key={props.rowKey(row, at)} className={`${open ? '' : 'border-b border-line'} hover:bg-accent/5`}>
                {props.columns.map((column) => (
                  <td key={column.id} className={`px-2.5 py-1.5 ${props.align === 'middle' ? 'align-middle' : 'align-top'} first:pl-4 last:pr-4 ${side(column)} ${column.className ?? ''}`}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>,
              open && (
                <tr key={`${props.rowKey(row, at)}/below`} className="border-b border-line">
                  <td colSpan={props.columns.length} className="px-4 pt-0.5 pb-3">
                    {below}
                  </td>
                </tr>
              ),
            ];
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A quiet bar behind a number, to compare rows at a glance. */
export function ShareBar({ share, color = 'accent' }: { readonly share: number; readonly color?: string }): JSX.Element {
  return (
    <div className="h-2 w-full rounded-[2px] bg-line/50" aria-hidden="true">
      <div className="h-full rounded-[2px]" style={{ width: `${Math.max(share > 0 ? 1 : 0, Math.min(1, share) * 100)}%`, background: `var(--color-${color})` }} />
    </div>
  );
}
