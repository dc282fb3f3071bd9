import type { JSX } from 'react';
import type { Message } from '@/api/messages';
import { JsonView } from '@/widgets/json_view';

const kRoleInks: Readonly<Record<string, string>> = { user: 'text-kind-caller', assistant: 'text-kind-agent', tool: 'text-kind-tool' };

interface MessageListProps {
  readonly label: string;
  readonly messages: readonly Message[];
  /** Where those that `messages` answer were asked for, which names their tools; `messages` itself where absent. */
  readonly among?: readonly Message[];
}

/** Messages as a conversation. */
export function MessageList({ label, messages, among = messages }: MessageListProps): JSX.Element {
  const names = new Map(among.flatMap((message) => message.toolCalls.map((call) => [call.id, call.name])));
  return (
    <ol aria-label={label} className="flex flex-col gap-1.5">
      {messages.map((message, at) => (
        <MessageRow key={at} message={message} tool={message.toolCallId === undefined ? undefined : names.get(message.toolCallId)} />
      ))}
    </ol>
  );
}

function MessageRow({ message, tool }: { readonly message: Message; readonly tool: string | undefined }): JSX.Element {
  return (
    <li className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-2 text-xs">
      <span className={`truncate font-medium ${kRoleInks[message.role] ?? 'text-dim'}`} title={message.role}>{message.role}</span>
      <div className="flex min-w-0 flex-col gap-1">
        {message.role === 'tool' ? (
          <ToolWords title={`result ${tool ?? ''}`} text={message.content} />
        ) : (
          message.content !== '' && <p dir="auto" className="text-left text-pretty break-words whitespace-pre-wrap text-ink">{message.content}</p>
        )}
        {message.toolCalls.map((call, at) => (
          <ToolWords key={at} title={`calls ${call.name}`} text={call.arguments} />
        ))}
      </div>
    </li>
  );
}

function ToolWords({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  return (
    <div className="min-w-0">
      <span className="font-mono text-2xs break-words text-kind-tool">{title}</span>
      <JsonView value={text} label={title} bare />
    </div>
  );
}
