import type { InputHTMLAttributes, JSX, Ref, SelectHTMLAttributes } from 'react';

const kBox = 'h-7 rounded border border-line-strong bg-field px-2 text-xs text-ink placeholder:text-faint hover:border-faint focus-visible:border-accent focus-visible:outline-1';

export function TextField({ className = '', ...rest }: InputHTMLAttributes<HTMLInputElement> & { readonly ref?: Ref<HTMLInputElement> }): JSX.Element {
  return <input spellCheck={false} autoComplete="off" className={`${kBox} ${className}`} {...rest} />;
}

export function Select({ className = '', ...rest }: SelectHTMLAttributes<HTMLSelectElement>): JSX.Element {
  return <select className={`${kBox} pr-1 ${className}`} {...rest} />;
}
