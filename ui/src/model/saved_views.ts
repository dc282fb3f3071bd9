import { formatSearchText, type SearchText } from './search_text';

/** A list of calls somebody wants to see again, as the text of its address. */
export interface SavedView {
  readonly name: string;
  readonly search: string;
}

export function parseViews(text: string): readonly SavedView[] {
  try {
    const value = JSON.parse(text) as unknown;
    if (!Array.isArray(value)) return [];
    return (value as readonly Partial<SavedView>[]).flatMap((view) => (typeof view.name === 'string' && typeof view.search === 'string' ? [{ name: view.name, search: view.search }] : []));
  } catch {
    return [];
  }
}

/** Adds a view; one of the same name is replaced. */
export const withView = (views: readonly SavedView[], name: string, search: SearchText): readonly SavedView[] =>
  [...views.filter((view) => view.name !== name), { name, search: formatSearchText(search) }].sort((a, b) => a.name.localeCompare(b.name));

export const withoutView = (views: readonly SavedView[], name: string): readonly SavedView[] => views.filter((view) => view.name !== name);
