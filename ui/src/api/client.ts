import { Fields, isObject } from '@/base/json';
import { apiKey, credentials, signOut } from './credentials';

const kBase = '/api/v1';

/** Why a request has no answer. `message` is meant for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(message: string, status: number, code: string, field?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export type Query = readonly (readonly [string, string])[];

export const url = (path: string, query: Query = []): string => {
  const text = new URLSearchParams(query.map(([key, value]) => [key, value])).toString();
  return `${kBase}/${path}${text === '' ? '' : `?${text}`}`;
};

export async function send(method: string, address: string, options: { readonly body?: unknown; readonly signal?: AbortSignal; readonly key?: string; readonly accept?: string }): Promise<Response> {
  const headers: Record<string, string> = { accept: options.accept ?? 'application/json' };
  const before = credentials();
  const key = options.key ?? apiKey();
  if (key !== undefined) headers['x-callscope-api-key'] = key;
  // Without it a session changes nothing: pages of other origins may not send it.
  else if (method !== 'GET') headers['x-callscope-page'] = '1';
  if (options.body !== undefined) headers['content-type'] = 'application/json';

  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers,
      cache: 'no-store',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new ApiError('The server does not answer.', 0, 'unreachable');
  }
  if (response.ok) return response;

  const failure = await readFailure(response);
  // A key or password that is being tried out must not end the session in use.
  if (failure.status === 401 && options.key === undefined && before.state === 'signed_in' && credentials() === before) signOut(failure.message);
  throw failure;
}

export async function get<T>(path: string, query: Query, parse: (fields: Fields) => T, signal?: AbortSignal): Promise<T> {
  const response = await send('GET', url(path, query), signal === undefined ? {} : { signal });
  return parse(new Fields(await response.json(), path));
}

export async function post<T>(path: string, body: unknown, parse: (fields: Fields) => T): Promise<T> {
  const response = await send('POST', url(path), { body });
  return parse(new Fields(await response.json(), path));
}

export async function remove(path: string, query: Query = []): Promise<void> {
  await send('DELETE', url(path, query), {});
}

async function readFailure(response: Response): Promise<ApiError> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  const error = isObject(body) && isObject(body['error']) ? new Fields(body['error'], 'error') : undefined;
  const message = error?.text('message') ?? `The server answered ${response.status} ${response.statusText}.`;
  return new ApiError(message, response.status, error?.text('code') ?? String(response.status), error?.text('field'));
}
