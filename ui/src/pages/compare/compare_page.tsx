import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, type JSX } from 'react';
import { callQuery } from '@/api/queries';
import type { Call } from '@/api/types';
import { commonSource, divergenceOf, pairTurns, type Alignment, type Divergence } from '@/model/compare';
import { numberOf } from '@/model/search_text';
import { Button, Segmented } from '@/widgets/button';
import { Section } from '@/widgets/section';
import { Failure, Nothing, Skeleton } from '@/widgets/state';
import { useReplaceSearch, useSearchText } from '../address';
import { CallChoice } from './call_choice';
import { PairTable } from './pair_table';
import { TotalsTable } from './totals_table';

/** Two calls beside each other. Which ones, and how their turns are paired, is in the address. */
export function ComparePage(): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const a = numberOf(search['a']);
  const b = numberOf(search['b']);
  const by: Alignment = search['by'] === 'index' ? 'index' : 'text';
  const first = useQuery({ ...callQuery(a ?? 0), enabled: a !== undefined });
  const second = useQuery({ ...callQuery(b ?? 0), enabled: b !== undefined });
  useEffect(() => {
    document.title = 'Compare · Callscope';
  }, []);
  const choose = (key: string, value: string | undefined): void =>
    replaceSearch((known) => Object.fromEntries(Object.entries({ ...known, [key]: value ?? '' }).filter(([, text]) => text !== '')));
  const error = first.error ?? second.error;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-4 py-1.5">
        <h1 className="text-sm font-semibold text-ink">Compare</h1>
        <CallChoice label="A" chosen={first.data} id={a} agentId={second.data?.agentId} onChoose={(id) => choose('a', id)} />
        <Button look="quiet" disabled={a === undefined || b === undefined} title="Swap the two" onClick={() => replaceSearch((known) => ({ ...known, a: String(b), b: String(a) }))}>
          ⇄ Swap
        </Button>
        <CallChoice label="B" chosen={second.data} id={b} agentId={first.data?.agentId} onChoose={(id) => choose('b', id)} />
        <span className="ml-auto flex items-center gap-2 text-xs text-dim">
          Pair turns by
          <Segmented<Alignment>
            label="Pair turns by"
            value={by}
            options={[
              { value: 'text', label: 'What was said' },
              { value: 'index', label: 'Number' },
            ]}
            onChange={(next) => choose('by', next === 'text' ? undefined : next)}
          />
        </span>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto bg-panel" tabIndex={-1}>
        {error !== null ? (
          <Failure error={error} what="One of the calls" onRetry={() => void Promise.all([first.refetch(), second.refetch()])} />
        ) : a === undefined || b === undefined ? (
          <Nothing title="Choose two calls">Of the same agent, say, before and after a change. In the list of calls x marks a call for this.</Nothing>
        ) : first.data === undefined || second.data === undefined ? (
          <Skeleton rows={12} label="calls" />
        ) : (
          <Compared a={first.data} b={second.data} by={by} />
        )}
      </div>
    </div>
  );
}

const kDivergence: Readonly<Record<Divergence, string>> = {
  missing: 'only one of the calls has this turn',
  caller: 'the caller says something else',
  tools: 'other tools are called',
  agent: 'the agent says something else',
};

function Compared({ a, b, by }: { readonly a: Call; readonly b: Call; readonly by: Alignment }): JSX.Element {
  const pairs = useMemo(() => pairTurns(a.turns, b.turns, by), [a, b, by]);
  const source = useMemo(() => commonSource(a.turns, b.turns), [a, b]);
  const divergences = useMemo(() => {
    const tools = { a, b };
    return pairs.map((pair) => divergenceOf(pair, (which, turn) => tools[which].tools.filter((tool) => tool.turnIndex === turn.index).map((tool) => tool.name)));
  }, [pairs, a, b]);
  const parted = divergences.findIndex((divergence) => divergence !== undefined);
  const divergence = divergences[parted];
  const pair = pairs[parted];
  return (
    <div className="mx-auto flex max-w-[110rem] flex-col gap-4 p-4">
      <TotalsTable a={a} b={b} source={source} />
      <Section
        title="Turn by turn"
        note={
          divergence === undefined ? (
            'The two never part ways'
          ) : (
            <>
              They part ways at{' '}
              <a href="#divergence" className="font-medium text-warn hover:underline">
                {pair?.a !== undefined ? `turn ${pair.a.index} of A` : `turn ${pair?.b?.index ?? ''} of B`}
              </a>
              : {kDivergence[divergence]}
            </>
          )
        }
      >
        <PairTable a={a} b={b} pairs={pairs} divergences={divergences} parted={parted} source={source} />
      </Section>
    </div>
  );
}
