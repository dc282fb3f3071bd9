// How this browser is signed in: by an API key, which comes from the link the server prints (`/#key=cs_…`) or from
// the sign-in page, is kept for this browser only and is sent with every request; or by a user's session, whose
// cookie no script sees, so that all that is kept here is who it is of.

const kKeyName = 'callscope.key';
const kUserName = 'callscope.user';

export type SignIn =
  | { readonly state: 'signed_in'; readonly by: 'key'; readonly key: string }
  | { readonly state: 'signed_in'; readonly by: 'session'; readonly user: string }
  | { readonly state: 'signed_out'; readonly reason?: string };

let current: SignIn = { state: 'signed_out' };
const listeners = new Set<() => void>();

function change(next: SignIn): void {
  current = next;
  for (const listener of listeners) listener();
}

/** Keeps `value`, or nothing. Where storage is refused, signing in works for as long as this page is open. */
function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // As said above.
  }
}

function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Takes the key out of the address, if one is there, else out of storage. Call once, before anything reads the address. */
export function loadCredentials(): void {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('key');
  if (given !== null && given !== '') {
    fragment.delete('key');
    const rest = fragment.toString();
    history.replaceState(history.state, '', location.pathname + location.search + (rest === '' ? '' : `#${rest}`));
    signIn(given);
    return;
  }
  const key = kept(kKeyName);
  const user = kept(kUserName);
  if (key !== undefined) current = { state: 'signed_in', by: 'key', key };
  else if (user !== undefined) current = { state: 'signed_in', by: 'session', user };
}

export function signIn(key: string): void {
  keep(kUserName, undefined);
  keep(kKeyName, key);
  change({ state: 'signed_in', by: 'key', key });
}

/** Once the server has set the cookie of a session. */
export function signInAs(user: string): void {
  keep(kKeyName, undefined);
  keep(kUserName, user);
  change({ state: 'signed_in', by: 'session', user });
}

export function signOut(reason?: string): void {
  keep(kKeyName, undefined);
  keep(kUserName, undefined);
  change(reason === undefined ? { state: 'signed_out' } : { state: 'signed_out', reason });
}

export const credentials = (): SignIn => current;
/** The API key that requests are sent with, where it is not a session. */
export const apiKey = (): string | undefined => (current.state === 'signed_in' && current.by === 'key' ? current.key : undefined);

export function subscribeCredentials(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
