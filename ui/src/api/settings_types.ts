// What the settings pages show.
import type { EpochNs } from '@/base/units';
import type { Access } from './types';

/** What becomes of a call log whose call_id is known. */
export type Duplicates = 'update' | 'refuse';

export interface Project {
  readonly id: number;
  readonly name: string;
  readonly duplicates: Duplicates;
  readonly retentionDays?: number;
}

/** What becomes of calls that are spans alone: shown to nobody until a session or call log comes, or kept. */
export type Unclaimed = 'keep' | 'drop';

export type BuiltWith = 'pipecat' | 'livekit' | 'custom';

export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly projectId?: number;
  readonly serviceName?: string;
  readonly builtWith?: BuiltWith;
  readonly isTraced: boolean;
  readonly unclaimed: Unclaimed;
  readonly unclaimedAfterS?: number;
  readonly retentionDays?: number;
}

/** What of an agent is to change; what is absent stays. */
export interface AgentChange {
  readonly unclaimed?: Unclaimed;
  readonly unclaimed_after_s?: number;
  readonly provider?: BuiltWith | '';
  readonly tracing?: 'on' | 'off';
  readonly retention_days?: number | null;
}

/** What of a project is to change; what is absent stays. */
export interface ProjectChange {
  readonly duplicate_call_ids?: Duplicates;
  readonly retention_days?: number | null;
}

export interface Webhook {
  readonly id: number;
  readonly url: string;
  readonly events: readonly string[];
  readonly createdNs?: EpochNs;
}

export interface Delivery {
  readonly id: number;
  readonly callId: number;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly lastStatus?: number;
  readonly error?: string;
  readonly lastAttemptNs?: EpochNs;
  readonly nextAttemptNs?: EpochNs;
}

export interface ApiKey {
  readonly id: number;
  readonly name?: string;
  readonly access: Access;
  readonly projectId?: number;
  readonly createdNs?: EpochNs;
  readonly lastUsedNs?: EpochNs;
  readonly revokedNs?: EpochNs;
}

/** What somebody who signs in with a password may do. */
export type Role = 'viewer' | 'member' | 'admin';

export interface User {
  readonly id: number;
  readonly name: string;
  readonly projectId: number;
  readonly role: Role;
  readonly createdNs?: EpochNs;
  readonly lastSignedInNs?: EpochNs;
}

/** Who is signed in: a user, or whoever has the API key. */
export interface Me {
  readonly isAdmin: boolean;
  readonly user?: User;
}

/** A price that the project has set: patterns of names, and USD for one unit. */
export interface OwnPrice {
  readonly provider?: string;
  readonly model: string;
  readonly unit: string;
  readonly usd: number;
}

export interface EffectivePrice {
  readonly provider: string;
  readonly model: string;
  /** The project's own, the file the server was started with, or the list in its binary. */
  readonly source: 'own' | 'server' | 'list';
  readonly rates: readonly { readonly unit: string; readonly usd: number }[];
  readonly hasTiers: boolean;
  readonly url?: string;
  readonly verified?: string;
}

export interface PricePage {
  readonly own: readonly OwnPrice[];
  readonly items: readonly EffectivePrice[];
  readonly next?: string;
}
