// Addresses hold state as flat text, key by key, so that they read like the API's own queries.

export type SearchText = Readonly<Record<string, string>>;

export function parseSearchText(search: string): SearchText {
  return Object.fromEntries(new URLSearchParams(search));
}

export function formatSearchText(search: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '');
  const text = new URLSearchParams(pairs).toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return text === '' ? '' : `?${text}`;
}

/** Keeps the text values of whatever the address holds. */
export function onlyText(search: Readonly<Record<string, unknown>>): SearchText {
  return Object.fromEntries(
    Object.entries(search).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : typeof value === 'number' || typeof value === 'boolean' ? [[key, String(value)]] : [])),
  );
}

export const numberOf = (text: string | undefined): number | undefined => {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
};
