import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';

const kRetriesMax = 2;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < kRetriesMax && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
    },
  },
});
