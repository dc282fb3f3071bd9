// Filters that the project keeps under a name.
import { queryOptions } from '@tanstack/react-query';
import type { Fields } from '@/base/json';
import { get, remove, send, url } from './client';
import { parsePage } from './parse';

/** A list of calls somebody wants to see again; `search` is the text of its address. */
export interface SavedView {
  readonly id: number;
  readonly name: string;
  readonly search: string;
}

function parseView(fields: Fields): SavedView {
  const query = fields.text('query') ?? '';
  return { id: fields.requiredNumber('id'), name: fields.requiredText('name'), search: query === '' ? '' : `?${query}` };
}

export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: async ({ signal }) => (await get('views', [['limit', '500']], parsePage(parseView), signal)).items,
  staleTime: 30_000,
});

/** Saves a view; one of the same name is replaced. */
export async function saveView(known: readonly SavedView[], name: string, search: string): Promise<void> {
  const same = known.find((view) => view.name === name);
  await send(same === undefined ? 'POST' : 'PUT', url(same === undefined ? 'views' : `views/${same.id}`), { body: { name, query: search.replace(/^\?/, '') } });
}

export const deleteView = (id: number) => remove(`views/${id}`);
