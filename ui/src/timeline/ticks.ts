import { formatOffset } from '@/base/format';
import { ms, type Ms } from '@/base/units';
import type { TimeScale } from '@/model/time_scale';

export interface Ticks {
  readonly step: Ms;
  readonly at: readonly Ms[];
  /** How many fraction digits of a second tell two ticks apart. */
  readonly digits: number;
}

const kLongStepsMs = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400].map((seconds) => seconds * 1000);

/** Returns round times across the view, at least `spacing` pixels apart. */
export function ticks(scale: TimeScale, spacing: number): Ticks {
  const step = roundStep(scale.msPerPx * spacing);
  const first = Math.ceil(scale.view.start / step);
  const last = Math.floor(scale.view.end / step);
  const at = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ms((first + index) * step));
  return { step: ms(step), at, digits: step >= 1000 ? 0 : Math.min(6, Math.ceil(-Math.log10(step / 1000) - 1e-9)) };
}

export const tickLabel = (time: Ms, ticks: Ticks): string => formatOffset(time, ticks.digits);

function roundStep(least: number): number {
  if (least > 500) return kLongStepsMs.find((step) => step >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
