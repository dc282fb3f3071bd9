import type { Connect, Plugin } from 'vite';
import { MockServer } from './server.ts';

/** Answers /api/v1 from made-up calls, in the dev server and in `vite preview`. Nothing of it is built. */
export function mockServer(): Plugin {
  const answer = (): Connect.NextHandleFunction => {
    const server = new MockServer();
    return (request, response, next) => {
      if (request.url?.startsWith('/api/v1/') === true) server.handle(request, response);
      else next();
    };
  };
  return {
    name: 'callscope-mock-server',
    configureServer: (server) => void server.middlewares.use(answer()),
    configurePreviewServer: (server) => void server.middlewares.use(answer()),
  };
}
