import type { JSX, ReactNode } from 'react';
import { apiKey } from '@/api/credentials';
import type { Server } from '@/api/types';
import { Section } from '@/widgets/section';

/** What the server is, and where that is set which no page sets. */
export function ServerFacts({ server }: { readonly server: Server | undefined }): JSX.Element {
  return (
    <>
      <Section title="This server">
        <dl className="num grid grid-cols-[9rem_minmax(0,1fr)] gap-y-1.5 px-4 py-3 text-xs">
          <Fact name="Version">{server?.version ?? ''}</Fact>
          <Fact name="OTLP/HTTP, API, pages">{server?.http === undefined || server.http === '' ? location.origin : server.http}</Fact>
          <Fact name="OTLP/gRPC">{server?.grpc ?? ''}</Fact>
          <Fact name="Signed in with">{server === undefined ? '' : `${apiKey() === undefined ? 'a password, by somebody who' : 'a key that'} may ${server.access === 'read-write' ? 'read and write' : 'read'}${server.admin ? ' and manages projects and keys' : ''}`}</Fact>
        </dl>
      </Section>
      <Section title="Set where the server is started" note="Options of callscope serve, or lines of its configuration file.">
        <dl className="grid grid-cols-[15rem_minmax(0,1fr)] gap-y-1.5 px-4 py-3 text-xs">
          <Option name="--retention-age-s SECONDS">Spans, log lines and calls are removed when they are this old; 0 keeps them for ever.</Option>
          <Option name="--retention-bytes BYTES">The oldest data goes beyond this size; 0 sets no bound.</Option>
          <Option name="--prices FILE">Your own prices of models, looked into before the list prices in the binary.</Option>
        </dl>
      </Section>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt className="text-dim">{name}</dt>
      <dd className="text-ink">{children}</dd>
    </>
  );
}

function Option({ name, children }: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt className="font-mono text-2xs text-ink">{name}</dt>
      <dd className="text-dim">{children}</dd>
    </>
  );
}
