import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useState, type JSX } from 'react';
import { kUnits, pricesQuery, putPrices } from '@/api/prices';
import type { EffectivePrice, OwnPrice } from '@/api/settings_types';
import { Badge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { Select, TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain, Failure, Nothing, Skeleton } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';
import { CreateForm } from './parts';

/** A price with all digits that were written: a rounded one would be another price. */
const price = (usd: number): string => `$${usd}`;
const unitName = (unit: string): string => kUnits[unit] ?? unit;

export function Prices({ canWrite }: { readonly canWrite: boolean }): JSX.Element {
  const [text, setText] = useState('');
  const prices = useInfiniteQuery({ ...pricesQuery(useDeferredValue(text.trim())), placeholderData: (before) => before });
  if (prices.data === undefined) return prices.error === null ? <Skeleton rows={8} label="the prices" /> : <Failure error={prices.error} what="The prices" onRetry={() => void prices.refetch()} />;
  const own = prices.data.pages[0]?.own ?? [];
  const items = prices.data.pages.flatMap((page) => page.items);
  return (
    <>
      <OwnPrices own={own} canWrite={canWrite} />
      <Section
        title="What is paid"
        note="List prices of this version, under your own."
        controls={<TextField type="search" aria-label="Find a price" placeholder="Provider or model" value={text} onChange={(event) => setText(event.target.value)} className="w-56" />}
      >
        {items.length === 0 ? <Nothing title="No listed model has that name">Its use has no cost unless the sender reports one, or you set a price above.</Nothing> : <Table label="Prices" columns={kColumns} rows={items} rowKey={(row) => `${row.provider}/${row.model}/${row.source}`} />}
        {prices.hasNextPage && (
          <div className="p-3 text-center">
            <Button disabled={prices.isFetchingNextPage} onClick={() => void prices.fetchNextPage()}>Show more</Button>
          </div>
        )}
      </Section>
    </>
  );
}

const kSources = { own: { tone: 'accent', label: 'your own' }, server: { tone: 'neutral', label: '--prices' }, list: { tone: 'neutral', label: 'list' } } as const;

const kColumns: readonly Column<EffectivePrice>[] = [
  { id: 'provider', label: 'Provider', cell: (row) => row.provider },
  { id: 'model', label: 'Model', cell: (row) => <code className="font-mono text-2xs text-ink">{row.model}</code> },
  {
    id: 'rates',
    label: 'USD',
    cell: (row) => (
      <ul className="flex flex-wrap gap-x-4 gap-y-0.5">
        {row.rates.map(({ unit, usd }) => (
          <li key={unit} className="whitespace-nowrap">
            <span className="text-ink">{price(usd)}</span> <span className="text-dim">/ {unitName(unit)}</span>
          </li>
        ))}
        {row.hasTiers && <li className="text-dim">more for long prompts</li>}
      </ul>
    ),
  },
  {
    id: 'source',
    label: 'Source',
    cell: (row) => (
      <span className="flex items-center gap-2 whitespace-nowrap">
        <Badge tone={kSources[row.source].tone}>{kSources[row.source].label}</Badge>
        {row.url !== undefined && row.source === 'list' && (
          <a href={row.url} target="_blank" rel="noreferrer" className="text-accent hover:underline">
            {row.verified === undefined ? 'page' : `read ${row.verified}`}
          </a>
        )}
      </span>
    ),
  },
];

function OwnPrices({ own, canWrite }: { readonly own: readonly OwnPrice[]; readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const [provider, setProvider] = useState('');
  const [model, setModel] = useState('');
  const [unit, setUnit] = useState('input_mtok');
  const [usd, setUsd] = useState('');
  const change = useMutation({ mutationFn: (next: readonly OwnPrice[]) => putPrices(next), onSuccess: () => client.invalidateQueries({ queryKey: ['prices'] }) });
  const add = (): void => {
    const row: OwnPrice = { ...(provider.trim() === '' ? {} : { provider: provider.trim() }), model: model.trim(), unit, usd: Number(usd) };
    // The newest comes first, where it counts before wider patterns, and takes the place of one of the same names.
    const others = own.filter((other) => other.model !== row.model.toLowerCase() || (other.provider ?? '') !== (row.provider ?? '').toLowerCase() || other.unit !== unit);
    change.mutate([row, ...others], {
      onSuccess: () => {
        setUsd('');
        setModel('');
      },
    });
  };
  const columns: readonly Column<OwnPrice>[] = [
    { id: 'provider', label: 'Provider', cell: (row) => row.provider ?? <span className="text-dim">any</span> },
    { id: 'model', label: 'Model', cell: (row) => <code className="font-mono text-2xs text-ink">{row.model}</code> },
    { id: 'usd', label: 'USD', align: 'right', cell: (row) => <span className="text-ink">{price(row.usd)}</span> },
    { id: 'unit', label: 'For one', cell: (row) => unitName(row.unit) },
    {
      id: 'remove',
      label: '',
      align: 'right',
      cell: (row) =>
        canWrite && (
          <button type="button" disabled={change.isPending} aria-label={`Remove the price of ${row.model}, ${unitName(row.unit)}`} className="text-bad hover:underline" onClick={() => change.mutate(own.filter((other) => other !== row))}>
            Remove
          </button>
        ),
    },
  ];
  return (
    <Section title="Your own prices" note="They lie over the list, unit by unit; the first that matches counts.">
      {canWrite && (
        <CreateForm label="Set the price" busy={change.isPending} error={change.error} ready={model.trim() !== '' && usd !== ''} onSubmit={add}>
          <TextField aria-label="Provider, or a pattern of it" placeholder="Provider: any" value={provider} onChange={(event) => setProvider(event.target.value)} className="w-36" />
          <TextField aria-label="Model, or a pattern of it" placeholder="Model, such as gpt-4.1*" required value={model} onChange={(event) => setModel(event.target.value)} className="w-52" />
          <TextField aria-label="USD" placeholder="USD" type="number" min={0} max={1_000_000} step="any" required value={usd} onChange={(event) => setUsd(event.target.value)} className="w-24" />
          <Select aria-label="For one" value={unit} onChange={(event) => setUnit(event.target.value)}>
            {Object.entries(kUnits).map(([id, label]) => (
              <option key={id} value={id}>
                for {label}
              </option>
            ))}
          </Select>
        </CreateForm>
      )}
      {!canWrite && change.isError && <p role="alert" className="px-4 py-2 text-bad">{explain(change.error)}</p>}
      {own.length === 0 ? <Nothing title="No prices of your own">What is used costs its list price.</Nothing> : <Table label="Your own prices" columns={columns} rows={own} rowKey={(row) => `${row.provider ?? ''}/${row.model}/${row.unit}`} />}
      <div className="flex flex-col gap-1 border-t border-line px-4 py-3 text-dim">
        <p>A name may begin or end with *; a model of * alone also prices use whose model nobody said. A cost that the sender reports always wins; what has no price has no cost, and is never counted as 0.</p>
        <p>
          A price counts for calls from now on. <strong className="font-medium text-ink">Older calls keep the cost they have</strong> in lists and statistics until something new of them comes; opened, they show what their use would cost at today’s prices.
        </p>
      </div>
    </Section>
  );
}
