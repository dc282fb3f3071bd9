import { useSyncExternalStore, type JSX } from 'react';
import { preference } from '@/base/preference';
import { Icon } from './icon';

type Theme = 'system' | 'light' | 'dark';
const kThemes: readonly Theme[] = ['system', 'light', 'dark'];

const chosen = preference<Theme>('theme', (value): value is Theme => kThemes.some((theme) => theme === value), 'system');

/** Puts the chosen theme, or the system's, on the document and keeps it there. */
export function applyTheme(): void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const dark = chosen.get() === 'dark' || (chosen.get() === 'system' && media.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  };
  apply();
  media.addEventListener('change', apply);
  chosen.subscribe(apply);
}

export function ThemeButton(): JSX.Element {
  const theme = useSyncExternalStore((listener) => chosen.subscribe(listener), () => chosen.get());
  const next = kThemes[(kThemes.indexOf(theme) + 1) % kThemes.length]!;
  const label = `Theme: ${theme === 'system' ? 'as the system' : theme}. Change to ${next === 'system' ? 'as the system' : next}`;
  return (
    <button type="button" title={label} aria-label={label} className="grid size-7 place-items-center rounded text-dim hover:bg-line/70 hover:text-ink" onClick={() => chosen.set(next)}>
      <Icon name={theme === 'system' ? 'system' : theme === 'light' ? 'sun' : 'moon'} className="size-4" />
    </button>
  );
}
