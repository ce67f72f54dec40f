import type { Mchid } from '../../base/ids.js';

/** Who calls: the API key, and what it may touch. */
export type Actor = {
  readonly keyId: string;
  readonly kind: 'merchant' | 'operator';
  readonly keyHash: string;
  readonly name: string | null;
  readonly mchids: readonly Mchid[];
};

/** As it is kept with what a person did: the key's name where it has one. */
export const actorLabel = (actor: Actor): string =>
  actor.name === null ? actor.keyId : `${actor.name} (${actor.keyId})`;
