import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { agentsQuery } from '@/api/queries';

/** The names of agents by id, as far as they are known. */
export function useAgentNames(): ReadonlyMap<number, string> {
  const agents = useQuery(agentsQuery);
  return useMemo(() => new Map((agents.data ?? []).map((agent) => [agent.id, agent.name])), [agents.data]);
}
