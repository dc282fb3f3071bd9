import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { deleteLivekitKeys, deleteProviderSecret, kProviders, livekitQuery, projectsQuery, providerQuery, putLivekitKey, putProviderSecret, type Provider } from '@/api/administration';
import { Badge } from '@/widgets/badge';
import { Button } from '@/widgets/button';
import { TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain } from '@/widgets/state';
import { CreateForm, ListOf, ProjectSelect } from './parts';

const kNames: Readonly<Record<Provider, string>> = { retell: 'Retell', elevenlabs: 'ElevenLabs', vapi: 'Vapi' };

/** Who else may bring calls into a project: LiveKit's own uploads and the webhooks of providers. */
export function Intake({ canWrite, ownProject }: { readonly canWrite: boolean; readonly ownProject: number | undefined }): JSX.Element {
  const projects = useQuery(projectsQuery);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const projectId = chosen ?? ownProject ?? projects.data?.[0]?.id;
  return (
    <>
      <div className="flex items-center gap-2 empty:hidden">
        <ProjectSelect projects={projects.data} value={projectId} onChange={setChosen} />
      </div>
      {projectId !== undefined && <Livekit key={`livekit ${projectId}`} projectId={projectId} canWrite={canWrite} />}
      {projectId !== undefined && <Providers key={`providers ${projectId}`} projectId={projectId} canWrite={canWrite} />}
    </>
  );
}

interface PartProps {
  readonly projectId: number;
  readonly canWrite: boolean;
}

function Livekit({ projectId, canWrite }: PartProps): JSX.Element {
  const client = useQueryClient();
  const keys = useQuery(livekitQuery(projectId));
  const [apiKey, setApiKey] = useState('');
  const [secret, setSecret] = useState('');
  const renew = (): void => void client.invalidateQueries({ queryKey: ['livekit', projectId] });
  const addition = useMutation({
    mutationFn: () => putLivekitKey(projectId, apiKey.trim(), secret.trim()),
    onSuccess: () => {
      setApiKey('');
      setSecret('');
      renew();
    },
  });
  const removal = useMutation({ mutationFn: () => deleteLivekitKeys(projectId), onSuccess: renew });
  return (
    <Section title="LiveKit keys" note="What LiveKit Agents upload by themselves with LIVEKIT_OBSERVABILITY_URL set to this server.">
      {canWrite && (
        <CreateForm label="Take uploads signed with it" busy={addition.isPending} error={addition.error} ready={apiKey.trim() !== '' && secret.trim() !== ''} onSubmit={() => addition.mutate()}>
          <TextField aria-label="LiveKit API key" placeholder="API key, as APIxxxxxxxx" required value={apiKey} onChange={(event) => setApiKey(event.target.value)} className="w-56" />
          <TextField type="password" aria-label="LiveKit API secret" placeholder="API secret" required value={secret} onChange={(event) => setSecret(event.target.value)} className="w-56" />
        </CreateForm>
      )}
      <ListOf
        query={keys}
        what="The LiveKit keys"
        empty="No LiveKit keys"
        hint="Without one, uploads of LiveKit Agents are refused."
        render={(rows) => (
          <div className="flex flex-wrap items-center gap-3 px-4 py-2.5">
            {rows.map((key) => <code key={key} className="font-mono text-xs text-ink">{key}</code>)}
            {canWrite && <Button look="danger" className="ml-auto" disabled={removal.isPending} onClick={() => removal.mutate()}>Take no more of them</Button>}
          </div>
        )}
      />
      {removal.isError && <p role="alert" className="px-4 py-2 text-bad">{explain(removal.error)}</p>}
    </Section>
  );
}

function Providers({ projectId, canWrite }: PartProps): JSX.Element {
  const known = useQueries({ queries: kProviders.map((provider) => providerQuery(projectId, provider)) });
  return (
    <Section title="Webhooks of providers" note="With a secret, only what is signed with it is taken; without one the API key is enough.">
      <ul>
        {kProviders.map((provider, at) => (
          <ProviderRow key={provider} provider={provider} projectId={projectId} canWrite={canWrite} hasSecret={known[at]?.data} error={known[at]?.error ?? null} />
        ))}
      </ul>
    </Section>
  );
}

function ProviderRow({ provider, projectId, canWrite, hasSecret, error }: PartProps & { readonly provider: Provider; readonly hasSecret: boolean | undefined; readonly error: Error | null }): JSX.Element {
  const client = useQueryClient();
  const [secret, setSecret] = useState('');
  const change = useMutation({
    mutationFn: (next: string | undefined) => (next === undefined ? deleteProviderSecret(projectId, provider) : putProviderSecret(projectId, provider, next)),
    onSuccess: () => {
      setSecret('');
      void client.invalidateQueries({ queryKey: ['provider', projectId, provider] });
    },
  });
  const failure = change.error ?? error;
  return (
    <li aria-label={kNames[provider]} className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2 last:border-0">
      <span className="w-24 font-medium text-ink">{kNames[provider]}</span>
      <span className="w-28">{hasSecret === undefined ? '' : <Badge tone={hasSecret ? 'good' : 'neutral'}>{hasSecret ? 'signed only' : 'by API key'}</Badge>}</span>
      {canWrite && (
        <form
          className="flex items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (secret.trim() !== '') change.mutate(secret.trim());
          }}
        >
          <TextField type="password" aria-label={`Secret of ${kNames[provider]}`} placeholder={hasSecret === true ? 'another secret' : 'secret'} value={secret} onChange={(event) => setSecret(event.target.value)} className="w-56" />
          <Button type="submit" disabled={secret.trim() === '' || change.isPending}>Set</Button>
          {hasSecret === true && <Button look="danger" disabled={change.isPending} onClick={() => change.mutate(undefined)}>Remove</Button>}
        </form>
      )}
      {failure !== null && <span role="alert" className="text-bad">{explain(failure)}</span>}
    </li>
  );
}
