import { useEffect, useRef, type JSX } from 'react';
import UPlot from 'uplot';
import { formatClock } from '@/base/format';

export interface Series {
  readonly label: string;
  /** A CSS colour variable without its dashes. */
  readonly color: string;
  readonly dash?: readonly number[];
  /** One value for each time; undefined leaves a gap. */
  readonly values: readonly (number | undefined)[];
}

interface LineChartProps {
  readonly label: string;
  /** Seconds since the epoch, rising. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly height: number;
  readonly format: (value: number) => string;
  readonly onPick?: (fromS: number, toS: number) => void;
}

/** Lines over time. Dragging picks a stretch. */
export function LineChart({ label, times, series, height, format, onPick }: LineChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current!;
    let plot: UPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      const style = getComputedStyle(document.documentElement);
      const color = (name: string): string => style.getPropertyValue(`--color-${name}`).trim();
      const font = `11px ${style.getPropertyValue('--font-sans').trim()}`;
      const axis: UPlot.Axis = { stroke: color('dim'), font, grid: { stroke: color('line'), width: 1 }, ticks: { show: false } };
      plot = new UPlot(
        {
          width: element.clientWidth,
          height,
          legend: { show: true, live: true },
          cursor: { drag: { x: onPick !== undefined, y: false, setScale: false }, points: { size: 6 } },
          scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.08)] } },
          axes: [
            { ...axis, space: 70, size: 30, values: (_plot, splits) => splits.map(timeLabel(splits)) },
            { ...axis, size: 56, values: (_plot, splits) => splits.map(axisFormat(splits, format)) },
          ],
          series: [
            { label: 'Time', value: (_plot, value: number | null) => (value === null ? '–' : formatClock(new Date(value * 1000), new Date())) },
            ...series.map(
              (line): UPlot.Series => ({
                label: line.label,
                stroke: color(line.color),
                width: 1.6,
                ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
                points: { show: times.length < 40, size: 4, fill: color('canvas') },
                spanGaps: false,
                value: (_plot, value: number | null) => (value === null ? '–' : format(value)),
              }),
            ),
          ],
          hooks: {
            setSelect: [
              (chart) => {
                if (chart.select.width > 4) onPick?.(chart.posToVal(chart.select.left, 'x'), chart.posToVal(chart.select.left + chart.select.width, 'x'));
              },
            ],
          },
        },
        [[...times], ...series.map((line) => line.values.map((value) => value ?? null))],
        element,
      );
    };
    draw();
    let width = element.clientWidth;
    const resize = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      plot?.setSize({ width, height });
    });
    resize.observe(element);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      resize.disconnect();
      theme.disconnect();
      plot?.destroy();
    };
  }, [times, series, height, format, onPick]);
  return <div ref={box} role="img" aria-label={label} className="line-chart num min-w-0" />;
}

/** Values of one axis share their unit: milliseconds, or seconds once it reaches two. */
function axisFormat(splits: readonly number[], format: (value: number) => string): (value: number) => string {
  return (splits.at(-1) ?? 0) < 2_000 ? format : (value) => `${value / 1_000} s`;
}

/** Local time under the axis: the clock within a day, the day across several. */
function timeLabel(splits: readonly number[]): (time: number) => string {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  return (time) => {
    const date = new Date(time * 1000);
    const day = date.toLocaleDateString('en', { day: 'numeric', month: 'short' });
    const clock = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
    return step >= 86_400 ? day : clock === '00:00' ? day : clock;
  };
}
