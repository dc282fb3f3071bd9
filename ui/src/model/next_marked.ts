/** Returns the next marked index after `from` in the direction of `step`, going round at the end. */
export function nextMarked(marks: (index: number) => boolean, count: number, from: number | undefined, step: 1 | -1): number | undefined {
  let at = from ?? (step === 1 ? -1 : count);
  for (let tried = 0; tried < count; tried++) {
    at = (at + step + count) % count;
    if (marks(at)) return at;
  }
  return undefined;
}
