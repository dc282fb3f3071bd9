// Painting helpers that know nothing of calls.
import type { KindPaint, Palette } from './palette';

const kCharactersMin = 3;

/** Half of a letter that takes two units, such as an emoji, at the end of a cut text. */
const kHalfLetter = /[\uD800-\uDBFF]$/;

/** Cuts text to a width. Measures each text once; the cut is estimated from its mean character. */
export class TextFitter {
  private readonly widths = new Map<string, number>();
  private font = '';

  fit(context: CanvasRenderingContext2D, text: string, width: number): string {
    if (context.font !== this.font) {
      this.widths.clear();
      this.font = context.font;
    }
    let full = this.widths.get(text);
    if (full === undefined) {
      if (this.widths.size > 20_000) this.widths.clear();
      full = context.measureText(text).width;
      this.widths.set(text, full);
    }
    if (full <= width) return text;
    const count = Math.floor((text.length * width) / full) - 1;
    return count < kCharactersMin ? '' : `${text.slice(0, count).replace(kHalfLetter, '')}…`;
  }
}

/** Sizes the canvas to its box in device pixels and returns a context that draws in CSS pixels. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | undefined {
  const ratio = window.devicePixelRatio;
  const deviceWidth = Math.max(1, Math.round(width * ratio));
  const deviceHeight = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
    canvas.width = deviceWidth;
    canvas.height = deviceHeight;
  }
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

export interface BarPaint {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly paint: KindPaint;
  readonly selected: boolean;
  readonly dimmed: boolean;
  /** Stands out even where it is a hair's breadth. */
  readonly loud: boolean;
  /** How much of the bar was waiting for its first result; drawn as a solid foot. */
  readonly waitWidth?: number;
}

export function paintBar(context: CanvasRenderingContext2D, bar: BarPaint, palette: Palette): void {
  const { x, y, width, height, paint } = bar;
  if (bar.dimmed) context.globalAlpha = 0.25;
  if (width < 4) {
    context.fillStyle = bar.loud ? paint.strong : paint.edge;
    context.fillRect(x, y, width, height);
  } else {
    context.fillStyle = paint.fill;
    context.fillRect(x, y, width, height);
    context.fillStyle = paint.edge;
    context.fillRect(x, y, width, 1);
    context.fillRect(x, y + height - 1, width, 1);
    context.fillRect(x + width - 1, y, 1, height);
    context.fillStyle = paint.strong;
    context.fillRect(x, y, 2, height);
    if (bar.waitWidth !== undefined && bar.waitWidth >= 1) context.fillRect(x, y + height - 3, Math.min(bar.waitWidth, width), 3);
  }
  if (bar.selected) {
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.5;
    context.strokeRect(x - 1.25, y - 1.25, width + 2.5, height + 2.5);
  }
  context.globalAlpha = 1;
}

const kSlantPx = 5;

/**
 * Fills a box with slanted lines: time that nothing explains. The slants are tied to the box's true left
 * edge, so they move with it; only those between 0 and `canvasWidth` are drawn, as a box may be far wider.
 */
export function paintHatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, canvasWidth: number, color: string): void {
  const left = Math.max(x, 0);
  const right = Math.min(x + width, canvasWidth);
  if (right - left < 1) return;
  context.save();
  context.beginPath();
  context.rect(left, y, right - left, height);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  const skipped = Math.max(0, Math.floor((left - x) / kSlantPx));
  for (let at = x - height + skipped * kSlantPx; at < right; at += kSlantPx) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}
