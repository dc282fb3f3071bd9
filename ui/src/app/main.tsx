import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from '@/api/client';
import { loadCredentials, subscribeCredentials } from '@/api/credentials';
import { applyTheme } from '@/widgets/theme';
import { router } from './router';
import './style.css';

const kRetriesMax = 2;

// The key leaves the address before anything else can read it.
loadCredentials();
applyTheme();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < kRetriesMax && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
    },
  },
});
// What one key could read must not be shown to the next.
subscribeCredentials(() => queries.clear());

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
