import type { History } from '../../temporal/history.js';

/** A history to replay; `name` is what a person calls it. */
export type StoredHistory = { readonly name: string; readonly history: History };

/** Why a history does not replay; undefined when it does. */
export type Replayed = { readonly name: string; readonly problem: string | undefined };

/** Runs histories through this build's workflows, one after the other, in their order. */
export type Replay = (histories: AsyncIterable<StoredHistory>) => AsyncIterable<Replayed>;
