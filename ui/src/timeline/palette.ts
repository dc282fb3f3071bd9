import type { KindColor } from '@/model/span_kind';

const kKindColors: readonly KindColor[] = ['caller', 'agent', 'endpointing', 'stt', 'llm', 's2s', 'tool', 'tts', 'transport', 'custom', 'container'];

export interface KindPaint {
  readonly strong: string;
  readonly fill: string;
  readonly edge: string;
  readonly half: string;
  readonly wave: string;
}

/** The theme's colours as a canvas needs them: resolved, with the mixtures made once. */
export interface Palette {
  readonly canvas: string;
  readonly panel: string;
  readonly ink: string;
  readonly dim: string;
  readonly faint: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly accent: string;
  readonly error: KindPaint;
  readonly warn: string;
  /** Marks what a search found. */
  readonly match: string;
  /** The lines of a hatch. */
  readonly unexplained: string;
  readonly kinds: Readonly<Record<KindColor, KindPaint>>;
  readonly sans: string;
  readonly mono: string;
}

/** Reads the palette from the style sheet in force. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const canvas = read('color-canvas');
  const paint = (color: string): KindPaint => ({ strong: color, fill: mix(color, canvas, 0.2), edge: mix(color, canvas, 0.6), half: mix(color, canvas, 0.42), wave: mix(color, canvas, 0.82) });
  return {
    canvas,
    panel: read('color-panel'),
    ink: read('color-ink'),
    dim: read('color-dim'),
    faint: read('color-faint'),
    line: read('color-line'),
    lineStrong: read('color-line-strong'),
    accent: read('color-accent'),
    error: paint(read('color-bad')),
    warn: read('color-warn'),
    match: read('color-match'),
    unexplained: mix(read('color-ink'), canvas, 0.45),
    kinds: Object.fromEntries(kKindColors.map((kind) => [kind, paint(read(`color-kind-${kind}`))])) as Record<KindColor, KindPaint>,
    sans: read('font-sans'),
    mono: read('font-mono'),
  };
}

/** Calls `listener` whenever the theme may have changed. */
export function watchPalette(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', listener);
  let watching = true;
  void document.fonts.ready.then(() => {
    if (watching) listener();
  });
  return () => {
    watching = false;
    observer.disconnect();
    media.removeEventListener('change', listener);
  };
}

/** Mixes two #rgb or #rrggbb colours; `share` of the first. */
export function mix(first: string, second: string, share: number): string {
  const a = channels(first);
  const b = channels(second);
  return `rgb(${a.map((value, at) => Math.round(value * share + b[at]! * (1 - share))).join(' ')})`;
}

function channels(color: string): readonly [number, number, number] {
  const digits = color.length === 4 ? color.slice(1).replace(/./g, (digit) => digit + digit) : color.slice(1, 7);
  const value = Number.parseInt(digits, 16);
  return Number.isNaN(value) ? [128, 128, 128] : [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
