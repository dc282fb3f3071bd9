// The answer to "why did the caller wait", in as few words as it takes.
import type { ToolUse, Turn } from '@/api/types';
import { summarise, waitShares, type WaitShare } from './turn_latency';

/** Pieces that make up so much of a wait together are what a reader has to know first. */
const kMost = 0.6;
const kReasonsMax = 2;

export interface Reason extends Pick<WaitShare, 'label' | 'color' | 'ms'> {
  /** The tool that took longest, where the piece is the tools'. */
  readonly tool?: string;
  readonly failed?: boolean;
}

/** Returns the largest pieces of a wait, largest first; none where no piece of it was captured. */
export function reasonsOf(turn: Turn, tools: readonly ToolUse[]): readonly Reason[] {
  const shares = waitShares(turn).toSorted((a, b) => b.ms - a.ms);
  const total = shares.reduce((sum, share) => sum + share.ms, 0);
  const reasons: Reason[] = [];
  let sum = 0;
  for (const { label, color, ms } of shares) {
    if (reasons.length === kReasonsMax || sum >= total * kMost) break;
    reasons.push({ label, color, ms, ...(color === 'tool' ? toolReason(turn, tools) : {}) });
    sum += ms;
  }
  return reasons;
}

function toolReason(turn: Turn, tools: readonly ToolUse[]): Pick<Reason, 'tool' | 'failed'> {
  const longest = tools.filter((tool) => tool.turnIndex === turn.index).toSorted((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0))[0];
  return longest === undefined ? {} : { tool: longest.name, failed: longest.isError };
}

/** The silence between the caller's words and the answer as a transcript has it: all there is where nobody measured one. */
export function transcriptWaitMs({ user, agent }: Turn): number | undefined {
  return user === undefined || agent === undefined || agent.start < user.end ? undefined : agent.start - user.end;
}

export function longestTranscriptWait(turns: readonly Turn[]): { readonly turn: Turn; readonly ms: number } | undefined {
  return transcriptWaits(turns)[0];
}

/** Longest first. */
export const transcriptWaits = (turns: readonly Turn[]): readonly { readonly turn: Turn; readonly ms: number }[] =>
  turns
    .flatMap((turn) => {
      const ms = transcriptWaitMs(turn);
      return ms === undefined ? [] : [{ turn, ms }];
    })
    .toSorted((a, b) => b.ms - a.ms);

export const summariseTranscriptWaits = (turns: readonly Turn[]): ReturnType<typeof summarise> => summarise(transcriptWaits(turns).map(({ ms }) => ms));
