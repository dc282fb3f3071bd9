import { useState, type JSX, type ReactNode } from 'react';
import { environmentSnippet, kSnippets, promptSnippet } from '@/model/snippets';
import { CodeBlock } from './copy';
import { Segmented } from './button';

/** How to point an agent at this server, ready to paste. */
export function ConnectGuide({ origin, apiKey, grpc }: { readonly origin: string; readonly apiKey: string; readonly grpc: string | undefined }): JSX.Element {
  const [id, setId] = useState(kSnippets[0]!.id);
  const snippet = kSnippets.find((candidate) => candidate.id === id)!;
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <Step number={1} title="Point your agent’s exporter here">
        <CodeBlock code={environmentSnippet(origin, apiKey)} label="environment" />
        <p className="text-dim">
          Add <code className="font-mono text-2xs">,x-cekura-agent-id=…</code> to the headers to choose the agent; without it the agent is found or made by its <code className="font-mono text-2xs">service.name</code>.
          {grpc !== undefined && grpc !== '' && (
            <>
              {' '}
              Exporters that speak gRPC use <code className="font-mono text-2xs">http://{grpc}</code>.
            </>
          )}
        </p>
      </Step>
      <Step number={2} title="Turn tracing on">
        <Segmented label="Framework" value={id} options={kSnippets.map((candidate) => ({ value: candidate.id, label: candidate.label }))} onChange={setId} />
        <CodeBlock code={snippet.install} label="install command" />
        <CodeBlock code={snippet.code} label="code" />
        {snippet.note !== undefined && <p className="text-dim">{snippet.note}</p>}
      </Step>
      <details className="rounded border border-line">
        <summary className="cursor-pointer px-3 py-2 text-sm font-medium text-ink">Or let a coding agent do it</summary>
        <div className="flex flex-col gap-2 px-3 pb-3">
          <p className="text-dim">Paste this into it. The key stays out of it: put it where the agent’s secrets are.</p>
          <CodeBlock code={promptSnippet(origin)} label="prompt" />
        </div>
      </details>
      <Step number={3} title="Make a call">
        <p className="text-dim">It shows up here as soon as its first spans arrive, while it still runs.</p>
      </Step>
    </div>
  );
}

function Step({ number, title, children }: { readonly number: number; readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <section className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-3">
      <span className="num grid size-6 place-items-center rounded-full border border-line-strong text-xs font-semibold text-dim" aria-hidden="true">
        {number}
      </span>
      <div className="flex min-w-0 flex-col items-stretch gap-2 [&>[role=radiogroup]]:self-start">
        <h3 className="pt-0.5 text-sm font-semibold text-ink">{title}</h3>
        {children}
      </div>
    </section>
  );
}
