import type { CallSpans } from './call_spans';
import { kKindStyles } from './span_kind';

/** Returns one mark for each span: 1 where name, kind, model, tool, provider, status or an id holds the text. */
export function matchSpans(call: CallSpans, text: string): Uint8Array | undefined {
  const words = text.trim().toLowerCase();
  if (words === '') return undefined;
  const marks = new Uint8Array(call.spans.length);
  call.spans.forEach((span, index) => {
    const fields = [span.name, kKindStyles[span.kind].label, span.kind, span.model, span.toolName, span.provider, span.statusMessage, span.spanId];
    if (fields.some((field) => field?.toLowerCase().includes(words) === true)) marks[index] = 1;
  });
  return marks;
}

/** Returns the next marked index after `from` in the direction of `step`, going round at the end. */
export function nextMarked(marks: (index: number) => boolean, count: number, from: number | undefined, step: 1 | -1): number | undefined {
  let at = from ?? (step === 1 ? -1 : count);
  for (let tried = 0; tried < count; tried++) {
    at = (at + step + count) % count;
    if (marks(at)) return at;
  }
  return undefined;
}
