import { useEffect, useRef } from 'react';

/** What keys do. A name is a key as in KeyboardEvent.key; "g c" is g, then c. */
export type KeyMap = Readonly<Record<string, () => void>>;

const kChordMs = 900;

/** Listens for keys while the component is there, except while the user types or a dialog is open. */
export function useKeys(keys: KeyMap): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    let prefix = '';
    let prefixAt = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      const typing = target.matches('input, textarea, select, [contenteditable]');
      if (typing && event.key !== 'Escape') return;
      if (document.querySelector('[role="dialog"][data-state="open"]') !== null) return;
      // Keys that a focused control needs for itself stay with it.
      if (target.matches('button, a, [role="radio"], summary') && (event.key === 'Enter' || event.key === ' ')) return;
      if (target.matches('[role="tab"], [role="separator"]') && event.key.startsWith('Arrow')) return;
      const chord = event.timeStamp - prefixAt < kChordMs && prefix !== '' ? `${prefix} ${event.key}` : '';
      const action = latest.current[chord] ?? latest.current[event.key];
      const opensChord = Object.keys(latest.current).some((name) => name.startsWith(`${event.key} `));
      prefix = opensChord ? event.key : '';
      prefixAt = event.timeStamp;
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

export interface KeyHelp {
  readonly title: string;
  readonly keys: readonly (readonly [keys: string, what: string])[];
}

export const kKeyHelp: readonly KeyHelp[] = [
  {
    title: 'Everywhere',
    keys: [
      ['?', 'this sheet'],
      ['g c', 'calls'],
      ['g o', 'compare'],
      ['g a', 'analytics'],
      ['g s', 'settings'],
      ['/', 'search'],
      ['Esc', 'leave, clear'],
    ],
  },
  {
    title: 'List of calls',
    keys: [
      ['j / k', 'next, previous call'],
      ['Enter', 'open it'],
      ['x', 'mark it for comparing'],
    ],
  },
  {
    title: 'Call',
    keys: [
      ['j / k', 'next, previous turn'],
      ['↑ / ↓', 'previous, next span'],
      ['← / →', 'collapse, expand in the tree; pan in the lanes'],
      ['e / E', 'next, previous failure'],
      ['n / N', 'next, previous match'],
      ['s', 'slowest turn'],
      ['w', 'lanes or tree'],
      ['p', 'critical path, in the tree'],
      ['+ / −', 'zoom'],
      ['z', 'zoom to the selection'],
      ['0', 'whole call'],
      ['1 – 6', 'tabs'],
      ['c', 'copy the selected id'],
      ['[ / ]', 'newer, older call of the list'],
    ],
  },
  {
    title: 'Sound',
    keys: [
      ['Space', 'play, pause'],
      [', / .', 'back, ahead 5 s'],
      ['< / >', 'slower, faster'],
      ['r', 'loop the selected turn'],
      ['x', 'skip silence'],
      ['m / M', 'mute caller, agent'],
    ],
  },
  {
    title: 'Pointer, on the timeline',
    keys: [
      ['click', 'select, and move the playhead'],
      ['wheel', 'zoom (over the tree: scroll)'],
      ['Ctrl wheel', 'zoom everywhere'],
      ['Shift wheel', 'pan'],
      ['drag', 'pan'],
      ['Shift drag', 'zoom to what is marked'],
      ['double-click', 'zoom to it; on nothing: whole call'],
    ],
  },
];
