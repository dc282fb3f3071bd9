import type { ButtonHTMLAttributes, JSX, Ref } from 'react';

type Look = 'plain' | 'primary' | 'quiet' | 'danger';

const kLooks: Readonly<Record<Look, string>> = {
  plain: 'border border-line-strong bg-raised text-ink hover:border-faint',
  primary: 'border border-accent bg-accent text-on-accent hover:brightness-110',
  quiet: 'border border-transparent text-dim hover:bg-line/60 hover:text-ink',
  danger: 'border border-bad/60 bg-raised text-bad hover:bg-bad/10',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look;
  readonly pressed?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', pressed, className = '', ...rest }: ButtonProps): JSX.Element {
  const held = pressed === true ? 'border-accent! bg-accent/12! text-ink!' : '';
  return (
    <button
      type="button"
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      className={`inline-flex h-7 items-center gap-1.5 rounded px-2.5 text-xs font-medium whitespace-nowrap disabled:cursor-not-allowed disabled:opacity-50 ${kLooks[look]} ${held} ${className}`}
      {...rest}
    />
  );
}

/** A choice among few that are all worth seeing. */
export function Segmented<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}): JSX.Element {
  return (
    <div role="radiogroup" aria-label={props.label} className="inline-flex h-7 items-stretch rounded border border-line-strong bg-raised p-px">
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === props.value}
          onClick={() => props.onChange(option.value)}
          className={`rounded-[3px] px-2 text-xs font-medium ${option.value === props.value ? 'bg-accent/15 text-ink' : 'text-dim hover:text-ink'}`}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
