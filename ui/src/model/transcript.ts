// The conversation row by row: what was said, by whom, after how much silence, and the tools in between.
import type { Call, ToolUse, TranscriptLine, TranscriptRole, Turn, Utterance } from '@/api/types';
import { present } from '@/base/json';
import type { Ms } from '@/base/units';
import { heardTimes } from './heard_times';

export interface TranscriptRow {
  readonly key: string;
  readonly role: TranscriptRole;
  readonly text: string;
  readonly start?: Ms;
  readonly end?: Ms;
  /** Since whoever spoke last fell silent; negative where this row began before that. */
  readonly gapMs?: number;
  readonly interrupted: boolean;
  readonly interruptedBy?: string;
  readonly generatedText?: string;
  readonly confidence?: number;
  readonly tool?: ToolUse;
  readonly turn?: Turn;
  /** Whether this row is where its turn is answered: the place to say how long that took. */
  readonly answers: boolean;
}

/** A row that begins within this much of a turn's edge still belongs to it. */
const kSlackMs = 60;

export function transcriptRows(call: Call): readonly TranscriptRow[] {
  const spoken = call.transcript.length > 0 ? fromTranscript(call) : fromTurns(call.turns);
  const known = new Set(spoken.flatMap((row) => row.tool ?? []));
  const tools = call.tools.filter((tool) => !known.has(tool)).map((tool, at) => toolRow(tool, call.turns, `tool ${at}`));
  return withGaps(markAnswers(merged(heardTimes(call, spoken), tools)));
}

function fromTranscript(call: Call): readonly TranscriptRow[] {
  const unused = [...call.tools];
  const saying = turnsByWords(call.turns);
  return call.transcript.map((line, at): TranscriptRow => {
    const turn = turnOfWords(saying, line) ?? (line.start === undefined ? undefined : turnAt(call.turns, line.start, line.role));
    return present({
      key: `line ${at}`,
      role: line.role,
      text: line.text,
      start: line.start,
      end: line.end,
      interrupted: line.interrupted,
      interruptedBy: line.interrupted && line.role === 'agent' ? turn?.interruptedBy : undefined,
      generatedText: unheardOf(line),
      confidence: line.confidence,
      tool: line.role === 'tool' ? toolOf(line, unused) : undefined,
      turn,
      answers: false,
    });
  });
}

function fromTurns(turns: readonly Turn[]): readonly TranscriptRow[] {
  return turns.flatMap((turn): readonly TranscriptRow[] => {
    const side = (role: 'caller' | 'agent', said: Turn['user']): readonly TranscriptRow[] =>
      said === undefined
        ? []
        : [
            present({
              key: `turn ${turn.index} ${role}`,
              role,
              text: said.text ?? '',
              start: said.start,
              end: said.end,
              interrupted: role === 'agent' && turn.interrupted,
              interruptedBy: role === 'agent' ? turn.interruptedBy : undefined,
              generatedText: unheardOf(said),
              turn,
              answers: false,
            }),
          ];
    return [...side('caller', turn.user), ...side('agent', turn.agent)];
  });
}

/** What was generated, where the caller did not hear all of it; streams of tokens often end in a space. */
export function unheardOf({ text, generatedText }: Pick<Utterance, 'text' | 'generatedText'>): string | undefined {
  return generatedText?.trim() === (text ?? '').trim() ? undefined : generatedText;
}

/** Finds the tool a line speaks of among those the spans know; a tool nobody else knows is made of the line. */
function toolOf(line: TranscriptLine, unused: ToolUse[]): ToolUse {
  const said = line.tool;
  const at = unused.findIndex((tool) => (said?.id !== undefined && tool.callId === said.id) || (said?.id === undefined && tool.name === said?.name));
  const found = at === -1 ? undefined : unused.splice(at, 1)[0];
  return (
    found ??
    present({
      name: said?.name ?? line.text,
      callId: said?.id,
      arguments: said?.arguments,
      result: said?.result,
      isError: said?.isError ?? false,
      error: said?.error,
      start: line.start,
      durationMs: line.start === undefined || line.end === undefined ? undefined : line.end - line.start,
      synthetic: true,
    })
  );
}

const toolRow = (tool: ToolUse, turns: readonly Turn[], key: string): TranscriptRow =>
  present({
    key,
    role: 'tool',
    text: tool.name,
    start: tool.start,
    end: tool.start === undefined || tool.durationMs === undefined ? undefined : ((tool.start + tool.durationMs) as Ms),
    interrupted: false,
    tool,
    turn: turns.find((turn) => turn.index === tool.turnIndex),
    answers: false,
  });

/** Puts tools between the rows by time, those without a time before the answer of their turn. */
function merged(rows: readonly TranscriptRow[], tools: readonly TranscriptRow[]): readonly TranscriptRow[] {
  const all = [...rows];
  for (const tool of tools) {
    const at = all.findIndex((row) =>
      tool.start !== undefined && row.start !== undefined ? row.start > tool.start : tool.turn !== undefined && row.turn?.index === tool.turn.index && row.role === 'agent',
    );
    all.splice(at === -1 ? all.length : at, 0, tool);
  }
  return all;
}

function markAnswers(rows: readonly TranscriptRow[]): readonly TranscriptRow[] {
  const answered = new Set<number>();
  return rows.map((row) => {
    if (row.role !== 'agent' || row.turn === undefined || answered.has(row.turn.index)) return row;
    answered.add(row.turn.index);
    return { ...row, answers: true };
  });
}

function withGaps(rows: readonly TranscriptRow[]): readonly TranscriptRow[] {
  let until: number | undefined;
  return rows.map((row) => {
    const speaks = row.role === 'caller' || row.role === 'agent';
    const gap = speaks && row.start !== undefined && until !== undefined ? row.start - until : undefined;
    if (speaks && row.end !== undefined) until = Math.max(until ?? row.end, row.end);
    return gap === undefined ? row : { ...row, gapMs: gap };
  });
}

function turnAt(turns: readonly Turn[], time: number, role: TranscriptRole): Turn | undefined {
  // The caller's words end one turn and begin the next where they overlap the answer: the later turn has them.
  const candidates = turns.filter((turn) => turn.start - kSlackMs <= time && turn.end + kSlackMs >= time);
  return role === 'caller' ? candidates.at(-1) : (candidates.find((turn) => turn.agent !== undefined && turn.agent.start - kSlackMs <= time) ?? candidates[0]);
}

type Words = ReadonlyMap<string, readonly { readonly turn: Turn; readonly start: number }[]>;

/** Which turns have which words of which side. */
function turnsByWords(turns: readonly Turn[]): Words {
  const found = new Map<string, { turn: Turn; start: number }[]>();
  for (const turn of turns) {
    for (const [role, side] of [['caller', turn.user], ['agent', turn.agent]] as const) {
      if (side?.text === undefined) continue;
      const key = `${role} ${side.text}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, [{ turn, start: side.start }]);
      else known.push({ turn, start: side.start });
    }
  }
  return found;
}

/** The turn that has a line's very words; of several the one that is nearest in time. */
function turnOfWords(saying: Words, line: TranscriptLine): Turn | undefined {
  const away = ({ start }: { readonly start: number }): number => Math.abs(start - (line.start ?? 0));
  return saying.get(`${line.role} ${line.text}`)?.toSorted((a, b) => away(a) - away(b))[0]?.turn;
}

/** Returns the row that is being spoken at `time`, or was last; -1 before the first. */
export function rowAt(rows: readonly TranscriptRow[], time: number): number {
  let found = -1;
  for (let at = 0; at < rows.length; at++) {
    const start = rows[at]!.start;
    if (start === undefined) continue;
    if (start > time) break;
    found = at;
  }
  return found;
}
