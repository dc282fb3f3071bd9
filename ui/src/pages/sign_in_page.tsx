import { useState, type JSX, type ReactNode, type SyntheticEvent } from 'react';
import { signIn } from '@/api/credentials';
import { tryKey } from '@/api/queries';
import { signInWithPassword } from '@/api/users';
import { preference } from '@/base/preference';
import { Button, Segmented } from '@/widgets/button';
import { TextField } from '@/widgets/field';
import { explain } from '@/widgets/state';

const kWays = [
  { value: 'password', label: 'Name and password' },
  { value: 'key', label: 'API key' },
] as const;
type Way = (typeof kWays)[number]['value'];

// Whoever signed in by password does so the next time.
const way = preference<Way>('sign_in', (value): value is Way => kWays.some((known) => known.value === value), 'key');

export function SignInPage({ reason }: { readonly reason: string | undefined }): JSX.Element {
  const [chosen, setChosen] = useState(way.get());
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      if (chosen === 'password') {
        await signInWithPassword(name.trim(), secret);
      } else {
        await tryKey(secret.trim());
        signIn(secret.trim());
      }
    } catch (error) {
      setProblem(error instanceof Error ? explain(error) : String(error));
      setBusy(false);
    }
  };
  const choose = (next: Way): void => {
    way.set(next);
    setChosen(next);
    setSecret('');
    setProblem(undefined);
  };

  const described = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'problem' };
  const isReady = secret.trim() !== '' && (chosen === 'key' || name.trim() !== '');
  return (
    <main className="grid h-full place-items-center overflow-auto bg-panel p-6">
      <div className="w-full max-w-md">
        <div className="mb-5 flex items-center gap-2.5">
          <img src="/favicon.svg" alt="" className="size-7" />
          <h1 className="text-lg font-semibold text-ink">Callscope</h1>
        </div>
        {reason !== undefined && problem === undefined && (
          <p role="alert" className="mb-3 rounded border border-warn/50 bg-warn/6 px-3 py-2">
            {reason}
          </p>
        )}
        <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3 rounded-md border border-line-strong bg-raised p-5">
          <div>
            <Segmented label="Sign in with" options={kWays} value={chosen} onChange={choose} />
          </div>
          {chosen === 'password' && (
            <Labelled id="name" label="Name or e-mail">
              <TextField id="name" name="username" autoComplete="username" autoFocus required value={name} onChange={(event) => setName(event.target.value)} className="h-9! text-sm!" {...described} />
            </Labelled>
          )}
          <Labelled id={chosen} label={chosen === 'password' ? 'Password' : 'API key'}>
            <TextField
              key={chosen}
              id={chosen}
              name={chosen}
              type="password"
              autoComplete={chosen === 'password' ? 'current-password' : 'off'}
              autoFocus={chosen === 'key'}
              required
              placeholder={chosen === 'key' ? 'cs_…' : ''}
              value={secret}
              onChange={(event) => setSecret(event.target.value)}
              className={`h-9! text-sm! ${chosen === 'key' ? 'font-mono' : ''}`}
              {...described}
            />
          </Labelled>
          {problem !== undefined && (
            <p id="problem" role="alert" className="text-bad">
              {problem}
            </p>
          )}
          <Button type="submit" look="primary" disabled={busy || !isReady} className="h-9! justify-center text-sm!">
            {busy ? 'Checking…' : 'Sign in'}
          </Button>
        </form>
        <div className="mt-5 flex min-h-40 flex-col gap-2 px-1 text-dim">{chosen === 'password' ? <AboutPasswords /> : <AboutKeys />}</div>
      </div>
    </main>
  );
}

function Labelled({ id, label, children }: { readonly id: string; readonly label: string; readonly children: ReactNode }): JSX.Element {
  return (
    <label className="flex flex-col gap-1.5 text-sm font-medium text-ink" htmlFor={id}>
      {label}
      {children}
    </label>
  );
}

function AboutPasswords(): JSX.Element {
  return (
    <>
      <p>An administrator adds you under Settings, or on the machine that runs the server:</p>
      <code className="block font-mono text-2xs text-ink">callscope user add you@example.com --role member</code>
      <p>
        Lost the password? <code className="font-mono text-2xs text-ink">callscope user passwd</code> sets another.
      </p>
      <p>You stay signed in in this browser for seven days.</p>
    </>
  );
}

function AboutKeys(): JSX.Element {
  return (
    <>
      <p>
        On its first start the server prints the key, and a link that signs you in:
        <code className="mt-0.5 block font-mono text-2xs break-all text-ink">{location.origin}/#key=cs_…</code>
      </p>
      <p>
        Lost it? Make another on the machine that runs the server:
        <code className="mt-0.5 block font-mono text-2xs text-ink">callscope key create</code>
      </p>
      <p>The key stays in this browser and goes to no one but this server.</p>
    </>
  );
}
