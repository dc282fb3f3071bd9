import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useState, useSyncExternalStore, type JSX } from 'react';
import { credentials, subscribeCredentials } from '@/api/credentials';
import { serverQuery } from '@/api/queries';
import { signOutHere } from '@/api/users';
import { listSearch } from '@/pages/list_memory';
import { SignInPage } from '@/pages/sign_in_page';
import { KeySheet } from '@/widgets/key_sheet';
import { useKeys } from '@/widgets/keys';
import { ThemeButton } from '@/widgets/theme';

/** The frame around every page, or the sign-in page in its place. */
export function Shell(): JSX.Element {
  const signedIn = useSyncExternalStore(subscribeCredentials, credentials);
  return signedIn.state === 'signed_in' ? <SignedIn /> : <SignInPage reason={signedIn.reason} />;
}

function SignedIn(): JSX.Element {
  const [keysShown, setKeysShown] = useState(false);
  const navigate = useNavigate();
  useKeys({
    '?': () => setKeysShown(true),
    'g c': () => void navigate({ to: '/', search: listSearch() }),
    'g o': () => void navigate({ to: '/compare', search: {} }),
    'g a': () => void navigate({ to: '/analytics', search: {} }),
    'g s': () => void navigate({ to: '/settings', search: {} }),
  });
  return (
    <div className="flex h-full flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-1 focus:rounded focus:bg-raised focus:px-3 focus:py-1">
        Skip to content
      </a>
      <header className="flex h-10 shrink-0 items-center gap-1 border-b border-line-strong bg-panel px-4">
        <Link to="/" search={{}} className="mr-4 flex items-center gap-2 text-sm font-semibold text-ink">
          <img src="/favicon.svg" alt="" className="size-5" />
          Callscope
        </Link>
        <nav aria-label="Pages" className="flex h-full items-stretch">
          <NavLink to="/" label="Calls" />
          <NavLink to="/compare" label="Compare" />
          <NavLink to="/analytics" label="Analytics" />
          <NavLink to="/settings" label="Settings" />
        </nav>
        <div className="ml-auto flex items-center gap-1">
          <ServerState />
          <WhoAmI />
          <ThemeButton />
          <button type="button" title="Keys" aria-label="Show keys" className="grid size-7 place-items-center rounded text-sm font-semibold text-dim hover:bg-line/70 hover:text-ink" onClick={() => setKeysShown(true)}>
            ?
          </button>
          <button type="button" className="h-7 rounded px-2 text-xs text-dim hover:bg-line/70 hover:text-ink" onClick={() => void signOutHere()}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" className="min-h-0 flex-1">
        <Outlet />
      </main>
      <KeySheet open={keysShown} onClose={() => setKeysShown(false)} />
    </div>
  );
}

function NavLink({ to, label }: { readonly to: '/' | '/compare' | '/analytics' | '/settings'; readonly label: string }): JSX.Element {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const active = to === '/' ? path === '/' || path.startsWith('/calls') : path.startsWith(to);
  return (
    <Link
      to={to}
      search={to === '/' ? listSearch() : {}}
      {...(active ? { 'aria-current': 'page' } : {})}
      className={`relative flex items-center px-3 text-sm outline-offset-[-2px] ${active ? 'font-semibold text-ink after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:bg-accent' : 'text-dim hover:text-ink'}`}
    >
      {label}
    </Link>
  );
}

/** Who signed in with a password. */
function WhoAmI(): JSX.Element | null {
  const signedIn = credentials();
  if (signedIn.state !== 'signed_in' || signedIn.by !== 'session') return null;
  return (
    <Link to="/settings" search={{ part: 'account' }} title="Your account" className="max-w-56 truncate rounded px-2 py-1 text-xs font-medium text-ink hover:bg-line/70">
      {signedIn.user}
    </Link>
  );
}

function ServerState(): JSX.Element {
  const signedIn = credentials();
  const server = useQuery({ ...serverQuery, refetchInterval: 15_000 });
  if (server.isError) {
    return (
      <span role="status" className="mr-2 inline-flex items-center gap-1.5 text-xs font-medium text-bad">
        <span className="size-1.5 rounded-full bg-bad" /> server unreachable
      </span>
    );
  }
  return (
    <span className="num mr-2 text-xs text-faint">
      {server.data === undefined ? '' : `${server.data.version}${server.data.access === 'read-only' ? (signedIn.state === 'signed_in' && signedIn.by === 'session' ? ' · read only' : ' · read-only key') : ''}`}
    </span>
  );
}
