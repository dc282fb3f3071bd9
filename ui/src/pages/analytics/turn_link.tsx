import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { SlowTurn } from '@/api/types';

/** Leads to a turn; to its call where it is no turn of it. */
export function TurnLink({ turn }: { readonly turn: SlowTurn }): JSX.Element {
  const known = turn.turnIndex !== undefined;
  return (
    <Link to="/calls/$callId" params={{ callId: String(turn.callId) }} search={known ? { turn: String(turn.turnIndex) } : {}} className="whitespace-nowrap text-accent hover:underline">
      {known ? `turn ${turn.turnIndex} of call ${turn.callId}` : `call ${turn.callId}`}
    </Link>
  );
}
