import { useState, type SyntheticEvent, type JSX } from 'react';
import { signIn } from '@/api/credentials';
import { tryKey } from '@/api/queries';
import { Button } from '@/widgets/button';
import { TextField } from '@/widgets/field';
import { explain } from '@/widgets/state';

export function SignInPage({ reason }: { readonly reason: string | undefined }): JSX.Element {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await tryKey(key.trim());
      signIn(key.trim());
    } catch (error) {
      setProblem(error instanceof Error ? explain(error) : String(error));
      setBusy(false);
    }
  };

  const shown = problem ?? reason;
  return (
    <main className="grid h-full place-items-center overflow-auto bg-panel p-6">
      <div className="w-full max-w-md">
        <div className="mb-5 flex items-center gap-2.5">
          <img src="/favicon.svg" alt="" className="size-7" />
          <h1 className="text-lg font-semibold text-ink">Callscope</h1>
        </div>
        <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3 rounded-md border border-line-strong bg-raised p-5">
          <label className="flex flex-col gap-1.5 text-sm font-medium text-ink" htmlFor="key">
            API key
            <TextField
              id="key"
              name="key"
              type="password"
              autoFocus
              required
              placeholder="cs_…"
              value={key}
              onChange={(event) => setKey(event.target.value)}
              aria-invalid={shown !== undefined}
              aria-describedby={shown === undefined ? 'where' : 'problem where'}
              className="h-9! font-mono text-sm!"
            />
          </label>
          {shown !== undefined && (
            <p id="problem" role="alert" className="text-bad">
              {shown}
            </p>
          )}
          <Button type="submit" look="primary" disabled={busy || key.trim() === ''} className="h-9! justify-center text-sm!">
            {busy ? 'Checking…' : 'Sign in'}
          </Button>
        </form>
        <div id="where" className="mt-5 flex flex-col gap-2 px-1 text-dim">
          <p>
            On its first start the server prints the key, and a link that signs you in:
            <code className="mt-0.5 block font-mono text-2xs break-all text-ink">{location.origin}/#key=cs_…</code>
          </p>
          <p>
            Lost it? Make another on the machine that runs the server:
            <code className="mt-0.5 block font-mono text-2xs text-ink">callscope key create</code>
          </p>
          <p>The key stays in this browser and goes to no one but this server.</p>
        </div>
      </div>
    </main>
  );
}
