// What the settings ask and change.
import { queryOptions } from '@tanstack/react-query';
import { get, post, remove, send, url } from './client';
import { parsePage } from './parse';
import { parseAgent, parseApiKey, parseDelivery, parseProject, parseWebhook } from './parse_settings';
import type { AgentChange, ProjectChange } from './settings_types';
import type { Access } from './types';

const kDeliveriesMs = 5_000;

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: async ({ signal }) => (await get('projects', [], parsePage(parseProject), signal)).items,
  staleTime: 30_000,
});

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: async ({ signal }) => (await get('keys', [['limit', '1000']], parsePage(parseApiKey), signal)).items,
});

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async ({ signal }) => (await get('webhooks', [['limit', '1000']], parsePage(parseWebhook), signal)).items,
});

/** The newest deliveries of a webhook, asked for again and again, as they are tried in the background. */
export const deliveriesQuery = (webhook: number) =>
  queryOptions({
    queryKey: ['webhooks', webhook],
    queryFn: async ({ signal }) => (await get(`webhooks/${webhook}/deliveries`, [['limit', '100']], parsePage(parseDelivery), signal)).items,
    refetchInterval: kDeliveriesMs,
  });

export const livekitQuery = (project: number) =>
  queryOptions({
    queryKey: ['livekit', project],
    queryFn: async ({ signal }) => (await get(`projects/${project}/livekit`, [], parsePage((fields) => fields.requiredText('api_key')), signal)).items,
  });

export const kProviders = ['retell', 'elevenlabs', 'vapi'] as const;
export type Provider = (typeof kProviders)[number];

/** Whether a provider's webhooks have to be signed. */
export const providerQuery = (project: number, provider: Provider) =>
  queryOptions({ queryKey: ['provider', project, provider], queryFn: ({ signal }) => get(`projects/${project}/providers/${provider}`, [], (fields) => fields.flag('has_secret'), signal) });

export const createProject = (name: string) => post('projects', { name }, parseProject);
export const changeProject = (id: number, change: ProjectChange) => put('PATCH', `projects/${id}`, change);
export const createAgent = (name: string, serviceName: string, projectId: number) => post('agents', { name, project_id: projectId, ...(serviceName === '' ? {} : { service_name: serviceName }) }, parseAgent);
export const changeAgent = (id: number, change: AgentChange) => put('PATCH', `agents/${id}`, change);
export const createKey = (name: string, access: Access, projectId: number) =>
  post('keys', { name, access, project_id: projectId }, (fields) => ({ id: fields.requiredNumber('id'), key: fields.requiredText('key') }));
export const revokeKey = (id: number) => remove(`keys/${id}`);
export const createWebhook = (address: string) => post('webhooks', { url: address }, (fields) => ({ secret: fields.requiredText('secret') }));
export const deleteWebhook = (id: number) => remove(`webhooks/${id}`);
export const replayDelivery = (webhook: number, id: number) => put('POST', `webhooks/${webhook}/deliveries/${id}/replay`, undefined);
export const putLivekitKey = (project: number, apiKey: string, secret: string) => put('PUT', `projects/${project}/livekit`, { api_key: apiKey, api_secret: secret });
export const deleteLivekitKeys = (project: number) => remove(`projects/${project}/livekit`);
export const putProviderSecret = (project: number, provider: Provider, secret: string) => put('PUT', `projects/${project}/providers/${provider}`, { secret });
export const deleteProviderSecret = (project: number, provider: Provider) => remove(`projects/${project}/providers/${provider}`);

async function put(method: 'PATCH' | 'POST' | 'PUT', path: string, body: unknown): Promise<void> {
  await send(method, url(path), { body });
}
