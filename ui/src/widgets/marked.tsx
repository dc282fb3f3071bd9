import type { JSX } from 'react';
import { marked } from '@/model/call_search';

/** A text with what was searched for marked in it. */
export function Marked({ text, words }: { readonly text: string; readonly words: string }): JSX.Element {
  const pieces = marked(text, words);
  if (pieces.length === 1) return <>{text}</>;
  return (
    <>
      {pieces.map((piece, at) =>
        at % 2 === 0 ? (
          piece
        ) : (
          <mark key={at} className="rounded-[2px] bg-mark text-ink">
            {piece}
          </mark>
        ),
      )}
    </>
  );
}
