import type { JSX } from 'react';
import { formatUsd } from '@/base/format';
import type { Cost } from '@/model/cost';
import { Unknown } from './state';

/** What a call cost, with a sign where it is only a lower bound. */
export function CostValue({ cost }: { readonly cost: Cost }): JSX.Element {
  if (cost.usd === undefined) return <Unknown />;
  return (
    <span {...(cost.note === '' ? {} : { title: cost.note })}>
      {cost.isLowerBound && <span className="text-faint" aria-label="at least">≥ </span>}
      {formatUsd(cost.usd)}
    </span>
  );
}
