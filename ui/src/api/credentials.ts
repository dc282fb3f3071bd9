// The key this browser signs in with. It comes from the link the server prints (`/#key=cs_…`) or from the
// sign-in page, is kept for this browser only and is sent with every request.

const kStorageName = 'callscope.key';

export type SignIn =
  | { readonly state: 'signed_in'; readonly key: string }
  | { readonly state: 'signed_out'; readonly reason?: string };

let current: SignIn = { state: 'signed_out' };
const listeners = new Set<() => void>();

function change(next: SignIn): void {
  current = next;
  for (const listener of listeners) listener();
}

/** Takes the key out of the address, if one is there, else out of storage. Call once, before anything reads the address. */
export function loadCredentials(): void {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const key = fragment.get('key');
  if (key !== null && key !== '') {
    fragment.delete('key');
    const rest = fragment.toString();
    history.replaceState(history.state, '', location.pathname + location.search + (rest === '' ? '' : `#${rest}`));
    signIn(key);
    return;
  }
  try {
    const stored = localStorage.getItem(kStorageName);
    if (stored !== null) current = { state: 'signed_in', key: stored };
  } catch {
    // Storage is refused: signing in works for as long as this page is open.
  }
}

export function signIn(key: string): void {
  try {
    localStorage.setItem(kStorageName, key);
  } catch {
    // As above.
  }
  change({ state: 'signed_in', key });
}

export function signOut(reason?: string): void {
  try {
    localStorage.removeItem(kStorageName);
  } catch {
    // As above.
  }
  change(reason === undefined ? { state: 'signed_out' } : { state: 'signed_out', reason });
}

export const credentials = (): SignIn => current;

export function subscribeCredentials(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
