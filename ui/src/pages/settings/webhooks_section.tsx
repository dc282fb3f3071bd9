import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { createWebhook, deleteWebhook, deliveriesQuery, replayDelivery, webhooksQuery } from '@/api/administration';
import type { Delivery, Webhook } from '@/api/settings_types';
import { formatAgo } from '@/base/format';
import { Badge } from '@/widgets/badge';
import { TextField } from '@/widgets/field';
import { Section } from '@/widgets/section';
import { explain } from '@/widgets/state';
import { Table, type Column } from '@/widgets/table';
import { Confirm, CreateForm, dateOf, ListOf, ShownOnce, when } from './parts';

export function Webhooks({ canWrite }: { readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const webhooks = useQuery(webhooksQuery);
  const [address, setAddress] = useState('');
  const [secret, setSecret] = useState<string | undefined>(undefined);
  const [open, setOpen] = useState<number | undefined>(undefined);
  const [leaving, setLeaving] = useState<Webhook | undefined>(undefined);
  const renew = (): void => void client.invalidateQueries({ queryKey: ['webhooks'] });
  const creation = useMutation({
    mutationFn: () => createWebhook(address.trim()),
    onSuccess: (made) => {
      setSecret(made.secret);
      setAddress('');
      renew();
    },
  });
  const deletion = useMutation({
    mutationFn: (id: number) => deleteWebhook(id),
    onSuccess: () => {
      setLeaving(undefined);
      renew();
    },
  });
  const columns: readonly Column<Webhook>[] = [
    { id: 'url', label: 'URL', cell: (webhook) => <code className="font-mono text-2xs break-all text-ink">{webhook.url}</code> },
    { id: 'events', label: 'Told of', cell: (webhook) => <span className="whitespace-nowrap">{webhook.events.join(', ')}</span> },
    { id: 'created', label: 'Created', cell: (webhook) => <span className="whitespace-nowrap text-dim">{when(webhook.createdNs)}</span> },
    {
      id: 'log',
      label: '',
      align: 'right',
      cell: (webhook) => (
        <span className="flex justify-end gap-3 whitespace-nowrap">
          <button type="button" aria-expanded={open === webhook.id} className="text-accent hover:underline" onClick={() => setOpen(open === webhook.id ? undefined : webhook.id)}>
            {open === webhook.id ? 'Hide deliveries' : 'Deliveries'}
          </button>
          {canWrite && (
            <button type="button" className="text-bad hover:underline" onClick={() => setLeaving(webhook)}>
              Delete
            </button>
          )}
        </span>
      ),
    },
  ];
  return (
    <Section title="Webhooks" note="Told of each call once it is complete, signed, and tried again until they answer.">
      {canWrite && (
        <CreateForm label="Create a webhook" busy={creation.isPending} error={creation.error} ready={address.trim() !== ''} onSubmit={() => creation.mutate()}>
          <TextField type="url" aria-label="URL of the webhook" placeholder="https://example.com/calls" required value={address} onChange={(event) => setAddress(event.target.value)} className="w-80" />
        </CreateForm>
      )}
      <ListOf
        query={webhooks}
        what="The webhooks"
        empty="No webhooks"
        hint="A webhook gets a POST with the whole call, minutes after its last word. docs/webhooks.md says how to check the signature."
        render={(rows) => <Table label="Webhooks" columns={columns} rows={rows} rowKey={(webhook) => String(webhook.id)} below={(webhook) => open === webhook.id && <Deliveries webhook={webhook} canWrite={canWrite} />} />}
      />
      <ShownOnce secret={secret} what="secret that its bodies are signed with" onClose={() => setSecret(undefined)} />
      <Confirm
        open={leaving !== undefined}
        title="Delete the webhook?"
        description={`${leaving?.url ?? ''} is told of no more calls, and what waits to be delivered is dropped.`}
        action="Delete the webhook"
        busy={deletion.isPending}
        error={deletion.error}
        onClose={() => setLeaving(undefined)}
        onConfirm={() => leaving !== undefined && deletion.mutate(leaving.id)}
      />
    </Section>
  );
}

const kTones = { pending: 'warn', delivered: 'good', failed: 'bad' } as const;

/** What became of each delivery, newest first, with a way to repeat it. */
function Deliveries({ webhook, canWrite }: { readonly webhook: Webhook; readonly canWrite: boolean }): JSX.Element {
  const client = useQueryClient();
  const deliveries = useQuery(deliveriesQuery(webhook.id));
  const replay = useMutation({
    mutationFn: (id: number) => replayDelivery(webhook.id, id),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks', webhook.id] }),
  });
  const columns: readonly Column<Delivery>[] = [
    { id: 'state', label: 'State', cell: (delivery) => <Badge tone={kTones[delivery.state]}>{delivery.state}</Badge> },
    { id: 'call', label: 'Call', cell: (delivery) => <Link to="/calls/$callId" params={{ callId: String(delivery.callId) }} search={{}} className="text-accent hover:underline">call {delivery.callId}</Link> },
    { id: 'status', label: 'Answer', cell: (delivery) => <span title={delivery.error}>{delivery.lastStatus ?? (delivery.attempts === 0 ? '' : 'none')}{delivery.error === undefined ? '' : `, ${delivery.error}`}</span> },
    { id: 'attempts', label: 'Attempts', align: 'right', cell: (delivery) => delivery.attempts },
    { id: 'last', label: 'Last', cell: (delivery) => <span className="whitespace-nowrap text-dim">{delivery.lastAttemptNs === undefined ? 'never' : formatAgo(dateOf(delivery.lastAttemptNs), new Date())}</span> },
    { id: 'next', label: 'Next', cell: (delivery) => <span className="whitespace-nowrap text-dim">{when(delivery.nextAttemptNs)}</span> },
    {
      id: 'replay',
      label: '',
      align: 'right',
      cell: (delivery) =>
        canWrite && (
          <button type="button" disabled={replay.isPending} className="text-accent hover:underline" onClick={() => replay.mutate(delivery.id)}>
            Deliver again
          </button>
        ),
    },
  ];
  return (
    <div className="rounded border border-line bg-panel">
      {replay.isError && <p role="alert" className="px-4 py-2 text-bad">{explain(replay.error)}</p>}
      <ListOf query={deliveries} what="The deliveries" empty="Nothing was delivered yet" render={(rows) => <Table label={`Deliveries to ${webhook.url}`} columns={columns} rows={rows} rowKey={(delivery) => String(delivery.id)} />} />
    </div>
  );
}
