import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { callsQuery } from '@/api/queries';
import type { CallSummary } from '@/api/types';
import { formatClock, formatLength } from '@/base/format';
import { TextField } from '@/widgets/field';
import { Icon } from '@/widgets/icon';
import { Popover } from '@/widgets/popover';

const kShown = 40;

/** Chooses a call: by its id, or among the latest, those of the other call's agent first. */
export function CallChoice(props: { readonly label: string; readonly id: number | undefined; readonly chosen: CallSummary | undefined; readonly agentId: number | undefined; readonly onChoose: (id: string) => void }): JSX.Element {
  const { chosen } = props;
  const text = props.id === undefined ? 'Choose a call' : chosen === undefined ? `call ${props.id}` : nameOf(chosen);
  return (
    <Popover
      label={`${props.label} ${text}`}
      active={props.id !== undefined}
      trigger={
        <>
          <span className="font-mono text-2xs text-faint">{props.label}</span>
          <span className="num">{` ${text}`}</span>
          <Icon name="down" className="size-3 text-faint" />
        </>
      }
    >
      {(close) => (
        <Choices
          agentId={props.agentId}
          onChoose={(id) => {
            props.onChoose(id);
            close();
          }}
        />
      )}
    </Popover>
  );
}

function Choices({ agentId, onChoose }: { readonly agentId: number | undefined; readonly onChoose: (id: string) => void }): JSX.Element {
  const [typed, setTyped] = useState('');
  const calls = useInfiniteQuery(callsQuery([...(agentId === undefined ? [] : [['agent_id', String(agentId)] as const]), ['sort', '-started_at']]));
  const words = typed.trim().toLowerCase();
  const items = (calls.data?.pages.flatMap((page) => page.items) ?? []).filter((call) => `${call.id} ${call.callId ?? ''} ${call.agentName ?? ''}`.toLowerCase().includes(words)).slice(0, kShown);
  return (
    <div className="flex w-96 flex-col gap-1 p-1">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (/^\d+$/.test(typed.trim())) onChoose(typed.trim());
          else if (items[0] !== undefined) onChoose(String(items[0].id));
        }}
      >
        <TextField autoFocus aria-label="Id or call id" placeholder="Id or call id" value={typed} onChange={(event) => setTyped(event.target.value)} className="w-full" />
      </form>
      <ul className="max-h-80 overflow-y-auto">
        {items.map((call) => (
          <li key={call.id}>
            <button type="button" className="num grid w-full grid-cols-[1fr_auto] gap-3 rounded px-2 py-1 text-left text-xs hover:bg-accent/10" onClick={() => onChoose(String(call.id))}>
              <span className="truncate text-ink">{nameOf(call)}</span>
              <span className="text-faint">
                {call.turnCount ?? '–'} turns, {call.durationS === undefined ? '–' : formatLength(call.durationS)}
              </span>
            </button>
          </li>
        ))}
        {calls.isSuccess && items.length === 0 && <li className="px-2 py-1 text-xs text-faint">No call among the latest; Enter takes an id.</li>}
      </ul>
    </div>
  );
}

const nameOf = (call: CallSummary): string => `${call.id} ${call.agentName ?? 'unnamed'}, ${formatClock(new Date(Number(call.startedAt / 1_000_000n)), new Date())}`;
