import { useQuery } from '@tanstack/react-query';
import { useEffect, type JSX } from 'react';
import { apiKey } from '@/api/credentials';
import { serverQuery } from '@/api/queries';
import { ConnectGuide } from '@/widgets/connect';
import { Section } from '@/widgets/section';
import { Nothing } from '@/widgets/state';
import { useReplaceSearch, useSearchText } from '../address';
import { Account } from './account_section';
import { Agents } from './agents_section';
import { Intake } from './intake_section';
import { Keys } from './keys_section';
import { Prices } from './prices_section';
import { Projects } from './projects_section';
import { ServerFacts } from './server_section';
import { Users } from './users_section';
import { Webhooks } from './webhooks_section';

type Part = 'connect' | 'keys' | 'users' | 'account' | 'agents' | 'projects' | 'prices' | 'intake' | 'webhooks' | 'server';
const kParts: readonly { readonly id: Part; readonly label: string; readonly needs?: 'admin' }[] = [
  { id: 'connect', label: 'Connect an agent' },
  { id: 'keys', label: 'Keys', needs: 'admin' },
  { id: 'users', label: 'Users', needs: 'admin' },
  { id: 'account', label: 'Your account' },
  { id: 'agents', label: 'Agents' },
  { id: 'projects', label: 'Projects' },
  { id: 'prices', label: 'Prices' },
  { id: 'intake', label: 'LiveKit and providers' },
  { id: 'webhooks', label: 'Webhooks' },
  { id: 'server', label: 'Server' },
];

export function SettingsPage(): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const { id: part, label, needs } = kParts.find((candidate) => candidate.id === search['part']) ?? kParts[0]!;
  const server = useQuery(serverQuery);
  const canWrite = server.data?.access === 'read-write';
  const isAdmin = server.data?.admin === true;
  useEffect(() => {
    document.title = 'Settings · Callscope';
  }, []);
  return (
    <div className="grid h-full min-h-0 grid-cols-[12rem_minmax(0,1fr)]">
      <nav aria-label="Settings" className="border-r border-line bg-panel p-2">
        <h1 className="px-2.5 pt-1 pb-2 text-sm font-semibold text-ink">Settings</h1>
        {kParts.map((candidate) => (
          <button
            key={candidate.id}
            type="button"
            aria-current={candidate.id === part ? 'page' : undefined}
            onClick={() => replaceSearch(() => (candidate.id === 'connect' ? {} : { part: candidate.id }))}
            className={`block w-full rounded px-2.5 py-1.5 text-left ${candidate.id === part ? 'bg-accent/12 font-medium text-ink' : 'text-dim hover:bg-line/60 hover:text-ink'}`}
          >
            {candidate.label}
          </button>
        ))}
      </nav>
      <div className="min-h-0 overflow-y-auto p-5">
        <div className="mx-auto flex max-w-5xl flex-col gap-4">
          {server.data?.access === 'read-only' && <p className="rounded border border-warn/50 bg-warn/6 px-3 py-2">You may only read: nothing can be changed here.</p>}
          {part === 'connect' && <Connect grpc={server.data?.grpc} />}
          {needs === 'admin' && server.data?.admin === false && (
            <Section title={label}>
              <Nothing title={`${label} are an administrator’s`}>Ask somebody with the role of admin, or sign in with the first key of the server.</Nothing>
            </Section>
          )}
          {part === 'keys' && isAdmin && <Keys />}
          {part === 'users' && isAdmin && <Users />}
          {part === 'account' && <Account />}
          {part === 'agents' && <Agents canWrite={canWrite} />}
          {part === 'projects' && <Projects canCreate={isAdmin} canWrite={canWrite} />}
          {part === 'prices' && <Prices canWrite={canWrite} />}
          {part === 'intake' && <Intake canWrite={canWrite} ownProject={server.data?.projectId} />}
          {part === 'webhooks' && <Webhooks canWrite={canWrite} />}
          {part === 'server' && <ServerFacts server={server.data} />}
        </div>
      </div>
    </div>
  );
}

function Connect({ grpc }: { readonly grpc: string | undefined }): JSX.Element {
  return (
    <Section title="Connect an agent" note="Any OpenTelemetry exporter will do; these are the shortest ways.">
      <div className="p-4">
        <ConnectGuide origin={location.origin} apiKey={apiKey() ?? 'cs_…'} grpc={grpc} />
      </div>
    </Section>
  );
}
