// Choices of this browser (theme, panel sizes). Losing them is harmless, so storage that fails is ignored.

export interface Preference<T extends string> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

export function preference<T extends string>(key: string, isValid: (value: string) => value is T, initial: T): Preference<T> {
  const name = `callscope.${key}`;
  const listeners = new Set<() => void>();
  let value = initial;
  try {
    const stored = localStorage.getItem(name);
    if (stored !== null && isValid(stored)) value = stored;
  } catch {
    // Storage is refused, as in a private window: the initial value holds.
  }
  return {
    get: () => value,
    set: (next) => {
      value = next;
      try {
        localStorage.setItem(name, next);
      } catch {
        // As above.
      }
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
