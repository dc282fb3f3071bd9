import { useQuery } from '@tanstack/react-query';
import { useEffect, type JSX } from 'react';
import { credentials } from '@/api/credentials';
import { serverQuery } from '@/api/queries';
import { ConnectGuide } from '@/widgets/connect';
import { Section } from '@/widgets/section';
import { useReplaceSearch, useSearchText } from '../address';
import { Agents } from './agents_section';
import { Intake } from './intake_section';
import { Keys } from './keys_section';
import { Projects } from './projects_section';
import { ServerFacts } from './server_section';
import { Webhooks } from './webhooks_section';

const kParts = [
  { id: 'connect', label: 'Connect an agent' },
  { id: 'keys', label: 'Keys' },
  { id: 'agents', label: 'Agents' },
  { id: 'projects', label: 'Projects' },
  { id: 'intake', label: 'LiveKit and providers' },
  { id: 'webhooks', label: 'Webhooks' },
  { id: 'server', label: 'Server' },
] as const;
type Part = (typeof kParts)[number]['id'];

export function SettingsPage(): JSX.Element {
  const search = useSearchText();
  const replaceSearch = useReplaceSearch();
  const part: Part = kParts.find((candidate) => candidate.id === search['part'])?.id ?? 'connect';
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
          {server.data?.access === 'read-only' && <p className="rounded border border-warn/50 bg-warn/6 px-3 py-2">You are signed in with a read-only key: nothing can be changed here.</p>}
          {part === 'connect' && <Connect grpc={server.data?.grpc} />}
          {part === 'keys' && <Keys canWrite={isAdmin} />}
          {part === 'agents' && <Agents canWrite={canWrite} />}
          {part === 'projects' && <Projects canCreate={isAdmin} canWrite={canWrite} />}
          {part === 'intake' && <Intake canWrite={canWrite} ownProject={server.data?.projectId} />}
          {part === 'webhooks' && <Webhooks canWrite={canWrite} />}
          {part === 'server' && <ServerFacts server={server.data} />}
        </div>
      </div>
    </div>
  );
}

function Connect({ grpc }: { readonly grpc: string | undefined }): JSX.Element {
  const signedIn = credentials();
  return (
    <Section title="Connect an agent" note="Any OpenTelemetry exporter will do; these are the shortest ways.">
      <div className="p-4">
        <ConnectGuide origin={location.origin} apiKey={signedIn.state === 'signed_in' ? signedIn.key : 'cs_…'} grpc={grpc} />
      </div>
    </Section>
  );
}
