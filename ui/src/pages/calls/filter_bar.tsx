import type { JSX, Ref } from 'react';
import type { CallState } from '@/api/types';
import { isFiltering, type CallFilter } from '@/model/call_filter';
import { without, type FilterContext } from '@/model/filter_fields';
import { Button, Segmented } from '@/widgets/button';
import { TimeRangePicker } from '@/widgets/time_range_picker';
import { FilterInput } from './filter_input';
import { SavedViews } from './saved_views';

interface FilterBarProps {
  readonly filter: CallFilter;
  readonly context: FilterContext;
  readonly onChange: (filter: CallFilter) => void;
  readonly searchRef: Ref<HTMLInputElement>;
}

export function FilterBar({ filter, context, onChange, searchRef }: FilterBarProps): JSX.Element {
  return (
    <div className="flex flex-wrap items-start gap-2 border-b border-line bg-panel px-4 py-2" role="search">
      <FilterInput filter={filter} context={context} inputRef={searchRef} onChange={onChange} />
      <TimeRangePicker range={filter.range} onChange={(range) => onChange({ ...filter, range })} />
      <Segmented<CallState | 'any'>
        label="State"
        value={filter.state ?? 'any'}
        options={[
          { value: 'any', label: 'Any' },
          { value: 'running', label: 'Running' },
          { value: 'quiet', label: 'Quiet' },
          { value: 'ended', label: 'Ended' },
        ]}
        onChange={(state) => onChange(state === 'any' ? without(filter, 'state') : { ...filter, state })}
      />
      <Button pressed={filter.onlyErrors} onClick={() => onChange({ ...filter, onlyErrors: !filter.onlyErrors })}>
        Has failures
      </Button>
      <SavedViews filter={filter} onChange={onChange} />
      {isFiltering(filter) && (
        <Button look="quiet" onClick={() => onChange({ range: { type: 'all' }, onlyErrors: false, metadata: [], sort: filter.sort })}>
          Clear
        </Button>
      )}
    </div>
  );
}
