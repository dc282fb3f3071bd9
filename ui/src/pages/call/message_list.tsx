import type { JSX } from 'react';
import type { Message } from '@/model/messages';
import { JsonView } from '@/widgets/json_view';

const kRoleInks: Readonly<Record<string, string>> = { user: 'text-kind-caller', assistant: 'text-kind-agent', tool: 'text-kind-tool' };

/** Messages as a conversation. */
export function MessageList({ messages }: { readonly messages: readonly Message[] }): JSX.Element {
  return (
    <ol className="flex flex-col gap-1.5">
      {messages.map((message, at) => (
        <MessageRow key={at} message={message} />
      ))}
    </ol>
  );
}

function MessageRow({ message }: { readonly message: Message }): JSX.Element {
  return (
    <li className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-2 text-xs">
      <span className={`font-medium ${kRoleInks[message.role] ?? 'text-dim'}`}>{message.role}</span>
      <div className="flex min-w-0 flex-col gap-1">
        {message.parts.map((part, at) =>
          part.type === 'text' ? (
            <p key={at} dir="auto" className="text-left text-pretty break-words whitespace-pre-wrap text-ink">{part.text}</p>
          ) : (
            <div key={at} className="min-w-0">
              <span className="font-mono text-2xs text-kind-tool">{part.type === 'tool_call' ? `calls ${part.name ?? ''}` : part.type === 'tool_result' ? `result ${part.name ?? ''}` : ''}</span>
              <JsonView value={part.text} label={part.type} bare />
            </div>
          ),
        )}
      </div>
    </li>
  );
}
