import type { JSX, Ref } from 'react';
import { plural } from '@/base/format';
import { TextField } from '@/widgets/field';
import { Icon } from '@/widgets/icon';
import type { CallSearch } from './use_call_search';
import { Control } from './player_bar';

/** Finds words in everything a call holds, and steps through what was found in order of time. */
export function FindBox({ find, search, inputRef, onFind }: { readonly find: string; readonly search: CallSearch; readonly inputRef: Ref<HTMLInputElement>; readonly onFind: (text: string) => void }): JSX.Element {
  const { matches, counts } = search;
  return (
    <div className="flex items-center gap-1" role="search">
      <label className="relative">
        <span className="sr-only">Find in the call</span>
        <Icon name="search" className="pointer-events-none absolute top-1.5 left-2 size-3.5 text-faint" />
        <TextField
          ref={inputRef}
          type="search"
          placeholder="Find in the call" title="Words, names, attributes, logs"
          value={find}
          onChange={(event) => onFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            search.step(event.shiftKey ? -1 : 1);
          }}
          className="w-60 pl-7!"
        />
      </label>
      {matches !== undefined && (
        <span className="flex items-center gap-0.5 text-dim" role="status" title={[plural(counts.words, 'row of the transcript', 'rows of the transcript'), plural(counts.span, 'span'), plural(counts.log, 'log line')].join(', ')}>
          <span className="min-w-10 text-right">{matches.hits.length === 0 ? (search.busy ? 'looking…' : 'no match') : `${search.at === undefined ? '–' : search.at + 1}/${matches.hits.length}`}</span>
          <Control icon="up" label="Previous match (N)" onClick={() => search.step(-1)} />
          <Control icon="down" label="Next match (n)" onClick={() => search.step(1)} />
        </span>
      )}
    </div>
  );
}
