import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { JSX } from 'react';
import { credentials } from '@/api/credentials';
import { callQuery } from '@/api/queries';
import { formatSearchText, onlyText, parseSearchText, type SearchText } from '@/model/search_text';
import { Failure, Nothing } from '@/widgets/state';
import { queries } from './query_client';
import { Shell } from './shell';

const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>): SearchText => onlyText(search),
  notFoundComponent: () => <Nothing title="There is no such page" />,
  errorComponent: ({ error }): JSX.Element => <Failure error={error instanceof Error ? error : new Error(String(error))} what="This page" onRetry={() => location.reload()} />,
});

/** A long call takes the server longer than the page takes to load: it is asked for at once. */
function askForCall(id: number): void {
  if (credentials().state === 'signed_in' && Number.isSafeInteger(id)) queries.query(callQuery(id)).catch(shownByThePage);
}

const shownByThePage = (): void => undefined;

const routes = root.addChildren([
  createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('@/pages/calls/calls_page'), 'CallsPage') }),
  createRoute({ getParentRoute: () => root, path: '/calls/$callId', loader: ({ params }: { readonly params: { readonly callId: string } }) => askForCall(Number(params.callId)), staleTime: Number.POSITIVE_INFINITY, component: lazyRouteComponent(() => import('@/pages/call/call_page'), 'CallPage') }),
  createRoute({ getParentRoute: () => root, path: '/compare', component: lazyRouteComponent(() => import('@/pages/compare/compare_page'), 'ComparePage') }),
  createRoute({ getParentRoute: () => root, path: '/analytics', component: lazyRouteComponent(() => import('@/pages/analytics/analytics_page'), 'AnalyticsPage') }),
  createRoute({ getParentRoute: () => root, path: '/settings', component: lazyRouteComponent(() => import('@/pages/settings/settings_page'), 'SettingsPage') }),
]);

export const router = createRouter({
  routeTree: routes,
  parseSearch: (search) => parseSearchText(search),
  stringifySearch: (search) => formatSearchText(search),
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
