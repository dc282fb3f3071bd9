import { useState, type JSX } from 'react';
import { kRanges, labelOfTimeRange, type TimeRange } from '@/model/time_range';
import { Button } from './button';
import { TextField } from './field';
import { Icon } from './icon';
import { Popover } from './popover';

export function TimeRangePicker({ range, onChange }: { readonly range: TimeRange; readonly onChange: (range: TimeRange) => void }): JSX.Element {
  return (
    <Popover
      label={`Time range: ${labelOfTimeRange(range)}`}
      active={range.type !== 'all'}
      trigger={
        <>
          {labelOfTimeRange(range)}
          <Icon name="down" className="size-3 text-faint" />
        </>
      }
    >
      {(close) => <Choices range={range} onChange={(next) => { onChange(next); close(); }} />}
    </Popover>
  );
}

function Choices({ range, onChange }: { readonly range: TimeRange; readonly onChange: (range: TimeRange) => void }): JSX.Element {
  const [from, setFrom] = useState(range.type === 'between' ? localText(range.from) : '');
  const [to, setTo] = useState(range.type === 'between' ? localText(range.to) : '');
  const choice = (label: string, value: TimeRange, chosen: boolean): JSX.Element => (
    <button key={label} type="button" onClick={() => onChange(value)} className={`block w-full rounded px-2 py-1 text-left text-xs hover:bg-line/70 ${chosen ? 'font-semibold text-accent' : 'text-ink'}`}>
      {label}
    </button>
  );
  const between: TimeRange = { type: 'between', ...(from === '' ? {} : { from: new Date(from).toISOString() }), ...(to === '' ? {} : { to: new Date(to).toISOString() }) };
  return (
    <div className="flex gap-1">
      <div className="w-40">
        {choice('All time', { type: 'all' }, range.type === 'all')}
        {kRanges.map((known) => choice(known.label, { type: 'last', id: known.id }, range.type === 'last' && range.id === known.id))}
      </div>
      <form
        className="flex w-52 flex-col gap-2 border-l border-line p-2"
        onSubmit={(event) => {
          event.preventDefault();
          onChange(from === '' && to === '' ? { type: 'all' } : between);
        }}
      >
        <label className="flex flex-col gap-1 text-2xs text-dim">
          From, local time
          <TextField type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label className="flex flex-col gap-1 text-2xs text-dim">
          To
          <TextField type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <Button type="submit" look="primary" className="justify-center">
          Apply
        </Button>
      </form>
    </div>
  );
}

function localText(iso: string | undefined): string {
  if (iso === undefined) return '';
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
