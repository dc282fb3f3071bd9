// What model use costs a project.
import { infiniteQueryOptions } from '@tanstack/react-query';
import { present, type Fields } from '@/base/json';
import { get, send, url } from './client';
import type { EffectivePrice, OwnPrice, PricePage } from './settings_types';

/** Units as the API names them, and as people read them. */
export const kUnits: Readonly<Record<string, string>> = {
  input_mtok: '1M input tokens',
  output_mtok: '1M output tokens',
  cache_read_mtok: '1M cached tokens read',
  cache_write_mtok: '1M cached tokens written',
  input_audio_mtok: '1M audio tokens in',
  output_audio_mtok: '1M audio tokens out',
  cache_audio_read_mtok: '1M cached audio tokens',
  output_reasoning_mtok: '1M reasoning tokens',
  input_mchars: '1M characters spoken',
  audio_hours: 'hour transcribed',
  output_audio_hours: 'hour synthesised',
  session_hours: 'hour of session',
  requests_kcount: '1,000 requests',
};

const parseOwn = (fields: Fields): OwnPrice => present({ provider: fields.text('provider'), model: fields.requiredText('model'), unit: fields.requiredText('unit'), usd: fields.requiredNumber('usd') });

function parseEffective(fields: Fields): EffectivePrice {
  const rates = Object.entries(fields.record('rates')).flatMap(([unit, usd]) => (typeof usd === 'number' ? [{ unit, usd }] : []));
  return present({
    provider: fields.text('provider') ?? '',
    model: fields.text('model') ?? '',
    source: fields.oneOf('source', ['own', 'server', 'list'], 'list'),
    rates,
    hasTiers: fields.flag('has_tiers'),
    url: fields.text('url'),
    verified: fields.text('verified'),
  });
}

/** Those whose provider or model has `text` in it, with the project's own. */
export const pricesQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ['prices', text],
    queryFn: ({ pageParam, signal }) =>
      get('prices', [['text', text], ...(pageParam === undefined ? [] : [['cursor', pageParam] as const])], (fields): PricePage => present({ own: fields.list('own', parseOwn), items: fields.list('items', parseEffective), next: fields.text('next') }), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });

export const putPrices = (own: readonly OwnPrice[]) => send('PUT', url('prices'), { body: { own } });
