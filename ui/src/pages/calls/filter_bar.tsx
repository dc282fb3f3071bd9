import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type JSX, type Ref } from 'react';
import { agentsQuery } from '@/api/queries';
import type { CallState } from '@/api/types';
import { isFiltering, type CallFilter } from '@/model/call_filter';
import { numberOf } from '@/model/search_text';
import { Button, Segmented } from '@/widgets/button';
import { Select, TextField } from '@/widgets/field';
import { Icon } from '@/widgets/icon';
import { Popover } from '@/widgets/popover';
import { TimeRangePicker } from '@/widgets/time_range_picker';

const kTypingMs = 250;

interface FilterBarProps {
  readonly filter: CallFilter;
  readonly onChange: (filter: CallFilter) => void;
  readonly searchRef: Ref<HTMLInputElement>;
  readonly models: readonly string[];
  readonly tools: readonly string[];
}

export function FilterBar({ filter, onChange, searchRef, models, tools }: FilterBarProps): JSX.Element {
  const agents = useQuery(agentsQuery);
  const chips = chipsOf(filter);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line bg-panel px-4 py-2">
      <SearchField key={filter.text === undefined ? 'empty' : 'set'} text={filter.text ?? ''} inputRef={searchRef} onText={(text) => onChange(without(filter, 'text', text === '' ? {} : { text }))} />
      <TimeRangePicker range={filter.range} onChange={(range) => onChange({ ...filter, range })} />
      <Select
        aria-label="Agent"
        value={filter.agentId ?? ''}
        className={filter.agentId === undefined ? '' : 'border-accent!'}
        onChange={(event) => {
          const agentId = numberOf(event.target.value);
          onChange(without(filter, 'agentId', agentId === undefined ? {} : { agentId }));
        }}
      >
        <option value="">All agents</option>
        {(agents.data ?? []).map((agent) => (
          <option key={agent.id} value={agent.id}>
            {agent.name}
          </option>
        ))}
      </Select>
      <Segmented<CallState | 'any'>
        label="State"
        value={filter.state ?? 'any'}
        options={[
          { value: 'any', label: 'Any' },
          { value: 'running', label: 'Running' },
          { value: 'quiet', label: 'Quiet' },
          { value: 'ended', label: 'Ended' },
        ]}
        onChange={(state) => onChange(without(filter, 'state', state === 'any' ? {} : { state }))}
      />
      <Button pressed={filter.onlyErrors} onClick={() => onChange({ ...filter, onlyErrors: !filter.onlyErrors })}>
        Has failures
      </Button>
      <Popover label="More filters" active={chips.length > 0} trigger={<>More filters{chips.length > 0 && <span className="num text-accent">{chips.length}</span>}</>}>
        {() => <MoreFilters filter={filter} onChange={onChange} models={models} tools={tools} />}
      </Popover>
      {chips.map((chip) => (
        <span key={chip.label} className="inline-flex h-6 items-center gap-1 rounded border border-accent/50 bg-accent/8 pl-2 text-xs text-ink">
          {chip.label}
          <button type="button" aria-label={`Remove ${chip.label}`} className="grid size-5 place-items-center rounded text-dim hover:text-ink" onClick={() => onChange(chip.removed)}>
            <Icon name="cross" className="size-2.5" />
          </button>
        </span>
      ))}
      {isFiltering(filter) && (
        <Button look="quiet" onClick={() => onChange({ range: { type: 'all' }, onlyErrors: false, metadata: [], sort: filter.sort })}>
          Clear
        </Button>
      )}
    </div>
  );
}

function SearchField({ text, inputRef, onText }: { readonly text: string; readonly inputRef: Ref<HTMLInputElement>; readonly onText: (text: string) => void }): JSX.Element {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => onText(typed.trim()), kTypingMs);
    return () => clearTimeout(timer);
  }, [typed, text, onText]);
  return (
    <label className="relative">
      <span className="sr-only">Search in calls</span>
      <Icon name="search" className="pointer-events-none absolute top-1.5 left-2 size-3.5 text-faint" />
      <TextField ref={inputRef} type="search" placeholder="Search transcripts, ids…" value={typed} onChange={(event) => setTyped(event.target.value)} className="w-64 pl-7!" />
      <kbd className={`pointer-events-none absolute top-1.5 right-1.5 rounded border border-line px-1 font-mono text-[10px] leading-3.5 text-faint ${typed === '' ? '' : 'hidden'}`}>/</kbd>
    </label>
  );
}

function MoreFilters({ filter, onChange, models, tools }: Omit<FilterBarProps, 'searchRef'>): JSX.Element {
  const [model, setModel] = useState(filter.model ?? '');
  const [tool, setTool] = useState(filter.tool ?? '');
  const [latency, setLatency] = useState(filter.minLatencyMs === undefined ? '' : String(filter.minLatencyMs));
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const apply = (): void => {
    const minLatencyMs = numberOf(latency);
    onChange({
      ...without(without(without(filter, 'model'), 'tool'), 'minLatencyMs'),
      ...(model.trim() === '' ? {} : { model: model.trim() }),
      ...(tool.trim() === '' ? {} : { tool: tool.trim() }),
      ...(minLatencyMs === undefined ? {} : { minLatencyMs }),
      metadata: key.trim() === '' ? filter.metadata : [...filter.metadata.filter(([known]) => known !== key.trim()), [key.trim(), value.trim()]],
    });
    setKey('');
    setValue('');
  };
  return (
    <form
      className="flex w-72 flex-col gap-2.5 p-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <label className="flex flex-col gap-1 text-2xs text-dim">
        Model
        <TextField list="known-models" placeholder="gpt-4o" value={model} onChange={(event) => setModel(event.target.value)} />
        <datalist id="known-models">{models.map((name) => <option key={name} value={name} />)}</datalist>
      </label>
      <label className="flex flex-col gap-1 text-2xs text-dim">
        Tool
        <TextField list="known-tools" placeholder="lookup_order" value={tool} onChange={(event) => setTool(event.target.value)} />
        <datalist id="known-tools">{tools.map((name) => <option key={name} value={name} />)}</datalist>
      </label>
      <label className="flex flex-col gap-1 text-2xs text-dim">
        Slowest response at least, ms
        <TextField type="number" min={0} step={100} placeholder="2000" value={latency} onChange={(event) => setLatency(event.target.value)} />
      </label>
      <fieldset className="flex flex-col gap-1 text-2xs text-dim">
        <legend className="mb-1">Metadata</legend>
        <div className="flex items-center gap-1">
          <TextField aria-label="Metadata key" placeholder="key" value={key} onChange={(event) => setKey(event.target.value)} className="w-0 grow" />
          =
          <TextField aria-label="Metadata value" placeholder="value" value={value} onChange={(event) => setValue(event.target.value)} className="w-0 grow" />
        </div>
      </fieldset>
      <Button type="submit" look="primary" className="justify-center">
        Apply
      </Button>
    </form>
  );
}

interface Chip {
  readonly label: string;
  readonly removed: CallFilter;
}

function chipsOf(filter: CallFilter): readonly Chip[] {
  return [
    ...(filter.model === undefined ? [] : [{ label: `model ${filter.model}`, removed: without(filter, 'model') }]),
    ...(filter.tool === undefined ? [] : [{ label: `tool ${filter.tool}`, removed: without(filter, 'tool') }]),
    ...(filter.minLatencyMs === undefined ? [] : [{ label: `slowest ≥ ${filter.minLatencyMs} ms`, removed: without(filter, 'minLatencyMs') }]),
    ...filter.metadata.map(([key, value]) => ({ label: `${key} = ${value}`, removed: { ...filter, metadata: filter.metadata.filter(([known]) => known !== key) } })),
  ];
}

/** Leaves one condition out, and puts another in its place. */
function without(filter: CallFilter, key: keyof CallFilter, instead: Partial<CallFilter> = {}): CallFilter {
  const rest = Object.entries(filter).filter(([name]) => name !== key);
  return { ...(Object.fromEntries(rest) as unknown as CallFilter), ...instead };
}
