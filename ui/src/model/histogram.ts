export interface Bin {
  readonly from: number;
  /** Infinity in the last bin, which takes all that is above. */
  readonly to: number;
  readonly count: number;
}

/** How much of the values the even bins should hold; the rest shares the last one. */
const kShareShown = 0.95;
const kSteps = [1, 2, 2.5, 5, 10];

/** Counts values in bins of a round width from zero up, with one for what lies far above the rest. */
export function histogram(values: readonly number[], binsMax: number): readonly Bin[] {
  if (values.length === 0) return [];
  const sorted = values.toSorted((a, b) => a - b);
  const most = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * kShareShown))]!;
  const width = roundUp(Math.max(1, most) / binsMax);
  const count = Math.max(1, Math.floor(most / width) + 1);
  const counts = Array<number>(count).fill(0);
  let above = 0;
  for (const value of sorted) {
    const at = Math.floor(value / width);
    if (at < count) counts[at]!++;
    else above++;
  }
  const bins = counts.map((held, at) => ({ from: at * width, to: (at + 1) * width, count: held }));
  return above === 0 ? bins : [...bins, { from: count * width, to: Number.POSITIVE_INFINITY, count: above }];
}

function roundUp(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * kSteps.find((step) => step * power >= least - 1e-9)!;
}
