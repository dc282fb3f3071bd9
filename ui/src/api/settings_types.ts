// What the settings pages show.
import type { EpochNs } from '@/base/units';
import type { Access } from './types';

/** What becomes of a call log whose call_id is known. */
export type Duplicates = 'update' | 'refuse';

export interface Project {
  readonly id: number;
  readonly name: string;
  readonly duplicates: Duplicates;
}

/** What becomes of calls that are spans alone: shown to nobody until a session or call log comes, or kept. */
export type Unclaimed = 'keep' | 'drop';

export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly projectId?: number;
  readonly serviceName?: string;
  readonly unclaimed: Unclaimed;
  readonly unclaimedAfterS?: number;
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
