import type { JSX } from 'react';
import { csv } from '@/base/csv';
import { Button } from './button';
import { Icon } from './icon';

/** Saves what a table shows as a CSV file. */
export function CsvButton(props: { readonly name: string; readonly header: readonly string[]; readonly rows: () => readonly (readonly (string | number | undefined)[])[] }): JSX.Element {
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([csv(props.header, props.rows())], { type: 'text/csv' }));
    link.download = `callscope-${props.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <Button look="quiet" onClick={save} title={`Download ${props.name} as CSV`}>
      <Icon name="download" /> CSV
    </Button>
  );
}
