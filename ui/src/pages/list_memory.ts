// The list of calls as it was last seen, so that a call knows its neighbours and the way back.
import { parseSearchText, type SearchText } from '@/model/search_text';

const kName = 'callscope.list';

interface ListMemory {
  readonly search: string;
  readonly ids: readonly number[];
}

const kEmpty: ListMemory = { search: '', ids: [] };

export function rememberList(search: string, ids: readonly number[]): void {
  try {
    sessionStorage.setItem(kName, JSON.stringify({ search, ids }));
  } catch {
    // Storage is refused: the call page then offers no neighbours.
  }
}

function recall(): ListMemory {
  try {
    return JSON.parse(sessionStorage.getItem(kName) ?? '') as ListMemory;
  } catch {
    return kEmpty;
  }
}

export const listSearch = (): SearchText => parseSearchText(recall().search);

export function neighbours(id: number): { readonly newer?: number; readonly older?: number } {
  const { ids } = recall();
  const at = ids.indexOf(id);
  if (at === -1) return {};
  const newer = ids[at - 1];
  const older = ids[at + 1];
  return { ...(newer === undefined ? {} : { newer }), ...(older === undefined ? {} : { older }) };
}
