import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { ApiError, type Query } from '@/api/client';
import { slowTurnsQuery } from '@/api/queries';
import type { SlowTurn } from '@/api/types';
import type { LatencySource } from '@/model/turn_latency';

export interface SlowTurnsAnswer {
  readonly query: UseQueryResult<readonly SlowTurn[]>;
  /** Whose latencies they are: not what was asked for where the server can't list turns by that. */
  readonly source: LatencySource;
}

/** The slowest turns by one source; by `otherwise` from a server that knows turns by what was heard only in percentiles. */
export function useSlowTurns(range: Query, source: LatencySource, otherwise: LatencySource, limit: number): SlowTurnsAnswer {
  const ask = (by: LatencySource) => ({ ...slowTurnsQuery([...range, ['source', by], ['limit', String(limit)]]), placeholderData: keepPreviousData });
  const first = useQuery(ask(source));
  const refused = first.error instanceof ApiError && first.error.status === 400 && source === 'heard';
  const second = useQuery({ ...ask(otherwise), enabled: refused });
  return refused ? { query: second, source: otherwise } : { query: first, source };
}
