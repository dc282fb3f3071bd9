import type { JSX } from 'react';

const kPaths = {
  back: 'M10 3 5 8l5 5',
  up: 'M3.5 10 8 5.5 12.5 10',
  down: 'M3.5 6 8 10.5 12.5 6',
  copy: 'M5.5 5.5v-2h7v7h-2M3.5 5.5h7v7h-7z',
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  search: 'M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zM10.4 10.4 14 14',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13',
  moon: 'M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z',
  system: 'M2 3h12v8H2zM6 14h4',
  warning: 'M8 2.2 14.5 13.5h-13zM8 6.2v3.6M8 11.4v.6',
  tree: 'M3 3h5M6 8h6M6 13h4M4 3v10h2M4 8h2',
  lanes: 'M2 4h7M6 8h8M3 12h6',
  fit: 'M2 5V2.5h2.5M11.5 2.5H14V5M14 11v2.5h-2.5M4.5 13.5H2V11M5 8h6',
  external: 'M6 3.5H3v9.5h9.5v-3M9 3h4v4M13 3 7.5 8.5',
  play: 'M5 3.2v9.6L12.8 8z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  back5: 'M8 3.2a5 5 0 1 1-4.6 3.1M8 1l-2.4 2.2L8 5.4M9.4 6.4H7.2L7 8.2c1.9-.4 2.7.3 2.6 1.2-.1.8-1.2 1.4-2.6.8',
  ahead5: 'M8 3.2a5 5 0 1 0 4.6 3.1M8 1l2.4 2.2L8 5.4M9.4 6.4H7.2L7 8.2c1.9-.4 2.7.3 2.6 1.2-.1.8-1.2 1.4-2.6.8',
  skip: 'M2 8h1.5M5 5.5v5M7 4l4.5 4L7 12M13.5 4v8',
  loop: 'M4 5.5h7.5a2 2 0 0 1 2 2V8M12 10.5H4.5a2 2 0 0 1-2-2V8M6 3.5l-2 2 2 2M10 12.5l2-2-2-2',
  star: 'M8 2.2l1.7 3.7 4 .5-3 2.7.8 4L8 11.2l-3.5 1.9.8-4-3-2.7 4-.5z',
  compare: 'M2.5 3h4.5v10H2.5zM9 3h4.5v10H9z',
  path: 'M2 4h4v4h4v4h4',
  follow: 'M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10',
  download: 'M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10',
} as const;

export type IconName = keyof typeof kPaths;

/** A line icon beside a label; it is never the only sign of anything, so it is hidden from screen readers. */
export function Icon({ name, className = 'size-3.5' }: { readonly name: IconName; readonly className?: string }): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" className={`shrink-0 ${className}`} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={kPaths[name]} />
    </svg>
  );
}
