import { useId, useState, type JSX, type KeyboardEvent, type Ref } from 'react';
import type { CallFilter } from '@/model/call_filter';
import { conditionsOf, suggest, type FilterContext, type Suggestion } from '@/model/filter_fields';
import { Icon } from '@/widgets/icon';

interface FilterInputProps {
  readonly filter: CallFilter;
  readonly context: FilterContext;
  readonly inputRef: Ref<HTMLInputElement>;
  readonly onChange: (filter: CallFilter) => void;
}

/** Conditions as chips, and a field that completes further ones: a combobox as the ARIA pattern has it. */
export function FilterInput({ filter, context, inputRef, onChange }: FilterInputProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const listId = useId();
  const conditions = conditionsOf(filter, context);
  const suggestions = suggest(typed, filter, context);
  const shown = open && suggestions.length > 0;
  const at = Math.min(active, suggestions.length - 1);

  const type = (text: string): void => {
    setTyped(text);
    setOpen(true);
    setActive(0);
  };
  const take = (suggestion: Suggestion): void => {
    if (suggestion.kind === 'field') type(suggestion.text);
    else {
      onChange(suggestion.filter);
      setTyped('');
      setActive(0);
      setOpen(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const chosen = suggestions[at];
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        event.preventDefault();
        if (!shown) setOpen(true);
        else setActive((at + (event.key === 'ArrowDown' ? 1 : -1) + suggestions.length) % suggestions.length);
        return;
      }
      case 'Enter':
        if (chosen === undefined || (typed === '' && !shown)) return;
        event.preventDefault();
        take(chosen);
        return;
      case 'Tab':
        if (!shown || typed === '' || chosen === undefined) return;
        event.preventDefault();
        // Completes rather than searches: the first suggestion that knows more than what was typed.
        take(chosen.kind === 'condition' && at === 0 && suggestions[1] !== undefined && !typed.includes(':') ? suggestions[1] : chosen);
        return;
      case 'Escape':
        if (!shown) return;
        event.preventDefault();
        event.stopPropagation();
        setOpen(false);
        return;
      case 'Backspace': {
        const last = conditions.at(-1);
        if (typed === '' && last !== undefined) onChange(last.removed);
        return;
      }
    }
  };

  return (
    <div
      className="relative min-w-64 flex-1 basis-80"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <div className="flex min-h-7 flex-wrap items-center gap-1 rounded border border-line-strong bg-field py-0.5 pr-1.5 pl-7 focus-within:border-accent hover:border-faint">
        <Icon name="search" className="pointer-events-none absolute top-1.5 left-2 size-3.5 text-faint" />
        {conditions.map((condition) => (
          <span key={condition.label} className="inline-flex h-[22px] max-w-72 items-center gap-0.5 rounded-[3px] border border-accent/50 bg-accent/8 pl-1.5 text-xs text-ink">
            <span className="truncate">{condition.label}</span>
            <button type="button" aria-label={`Remove ${condition.label}`} className="grid size-5 shrink-0 place-items-center rounded text-dim hover:text-ink" onClick={() => onChange(condition.removed)}>
              <Icon name="cross" className="size-2.5" />
            </button>
          </span>
        ))}
        <input
          ref={inputRef}
          type="text"
          role="combobox"
          aria-label="Filter calls"
          aria-expanded={shown}
          aria-controls={listId}
          aria-autocomplete="list"
          {...(shown ? { 'aria-activedescendant': `${listId}-${at}` } : {})}
          spellCheck={false}
          autoComplete="off"
          placeholder={conditions.length === 0 ? 'Search, or agent: model: tool: latency: metadata.…' : ''}
          value={typed}
          onChange={(event) => type(event.target.value)}
          onFocus={() => setOpen(true)}
          onClick={() => setOpen(true)}
          onKeyDown={onKeyDown}
          className="h-[22px] min-w-24 flex-1 bg-transparent text-xs text-ink outline-none placeholder:text-faint focus-visible:outline-none"
        />
        {typed === '' && <kbd className="pointer-events-none rounded border border-line px-1 font-mono text-[10px] leading-3.5 text-faint">/</kbd>}
      </div>
      <ul id={listId} role="listbox" aria-label="Suggestions" hidden={!shown} className="absolute top-full left-0 z-30 mt-1 max-h-96 w-full max-w-lg min-w-72 overflow-y-auto rounded-md border border-line-strong bg-raised p-1 shadow-xl">
        {suggestions.map((suggestion, index) => (
          <li
            key={`${suggestion.kind} ${suggestion.label}`}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            className={`flex cursor-pointer items-baseline gap-3 rounded px-2 py-1 text-xs ${index === at ? 'bg-accent/14' : 'hover:bg-accent/7'}`}
            onPointerDown={(event) => {
              // The field keeps the focus.
              event.preventDefault();
              take(suggestion);
            }}
          >
            <span className={suggestion.kind === 'field' ? 'font-mono text-ink' : 'text-ink'}>{suggestion.label}</span>
            <span className="ml-auto truncate text-2xs text-faint">{suggestion.detail}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
