// What the settings pages show, read into types.
import { present, type Fields } from '@/base/json';
import { iso, textUnlessEmpty } from './parse_values';
import type { Agent, ApiKey, Delivery, Project, Webhook } from './settings_types';

export function parseProject(fields: Fields): Project {
  return present({
    id: fields.requiredNumber('id'),
    name: fields.text('name') ?? '',
    duplicates: fields.oneOf('duplicate_call_ids', ['update', 'refuse'], 'update'),
    retentionDays: fields.number('retention_days'),
  });
}

export function parseAgent(fields: Fields): Agent {
  return present({
    id: fields.requiredNumber('id'),
    name: fields.text('name') ?? '',
    projectId: fields.number('project_id'),
    serviceName: textUnlessEmpty(fields.text('service_name')),
    builtWith: (['pipecat', 'livekit', 'custom'] as const).find((known) => known === fields.text('provider')),
    isTraced: fields.text('tracing') !== 'off',
    unclaimed: fields.oneOf('unclaimed', ['keep', 'drop'], 'keep'),
    unclaimedAfterS: fields.number('unclaimed_after_s'),
    retentionDays: fields.number('retention_days'),
  });
}

export function parseApiKey(fields: Fields): ApiKey {
  return present({
    id: fields.requiredNumber('id'),
    name: textUnlessEmpty(fields.text('name')),
    access: fields.oneOf('access', ['read-write', 'read-only'], 'read-only'),
    projectId: fields.number('project_id'),
    createdNs: iso(fields, 'created_at'),
    lastUsedNs: iso(fields, 'last_used_at'),
    revokedNs: iso(fields, 'revoked_at'),
  });
}

export const parseWebhook = (fields: Fields): Webhook =>
  present({ id: fields.requiredNumber('id'), url: fields.requiredText('url'), events: fields.texts('events'), createdNs: iso(fields, 'created_at') });

export function parseDelivery(fields: Fields): Delivery {
  return present({
    id: fields.requiredNumber('id'),
    callId: fields.requiredNumber('call_id'),
    state: fields.oneOf('state', ['pending', 'delivered', 'failed'], 'pending'),
    attempts: fields.number('attempts') ?? 0,
    lastStatus: fields.number('last_status'),
    error: textUnlessEmpty(fields.text('error')),
    lastAttemptNs: iso(fields, 'last_attempt_at'),
    nextAttemptNs: iso(fields, 'next_attempt_at'),
  });
}
