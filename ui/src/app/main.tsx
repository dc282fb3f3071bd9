import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { loadCredentials, subscribeCredentials } from '@/api/credentials';
import { applyTheme } from '@/widgets/theme';
import { queries } from './query_client';
import { router } from './router';
import './style.css';

// The key leaves the address before anything else can read it.
loadCredentials();
applyTheme();

// What one key could read must not be shown to the next.
subscribeCredentials(() => queries.clear());

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
