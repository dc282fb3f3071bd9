// The address as pages see it: flat text that they read with the functions of `model`.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { SearchText } from '@/model/search_text';

export const useSearchText = (): SearchText => useSearch({ strict: false });

/** Returns a function that puts other search text into the address, without a new entry in the history. */
export function useReplaceSearch(): (change: (search: SearchText) => SearchText) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => void navigate({ to: '.', search: (search: SearchText) => change(search), replace: true, resetScroll: false }),
    [navigate],
  );
}
