import type { Message } from '@/api/messages';

/**
 * Returns how many of the messages at the start of `now` the model had already been given before. Agents cut the
 * front of a long history, so what was known is looked for wherever it ends: the longest run of `before` that
 * ends with its last message.
 */
export function knownCount(before: readonly Message[], now: readonly Message[]): number {
  const last = before.at(-1);
  if (last === undefined) return 0;
  const text = (message: Message): string => JSON.stringify(message);
  const old = before.map(text);
  const fresh = now.map(text);
  for (let end = fresh.length; end > 0; end--) {
    if (fresh[end - 1] !== old.at(-1)) continue;
    let same = 1;
    while (same < end && same < old.length && fresh[end - 1 - same] === old[old.length - 1 - same]) same++;
    // One message alike may be chance ("yes"); all that there is to compare is not.
    if (same >= 2 || same === Math.min(end, old.length)) return end;
  }
  return 0;
}
