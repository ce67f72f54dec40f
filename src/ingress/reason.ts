import { z } from '@hono/zod-openapi';
import type { Asker } from '../temporal/operator/recorded-action.js';
import { actorLabel, type Actor } from './auth/actor.js';
import { requireOperator } from './auth/authenticate.js';
import { printableText } from './text-schema.js';

/** Why a person did it; kept with the key's name. */
export const reasonSchema = printableText(500).openapi({ description: 'Why; kept with the name of the key.' });

/** The body of a call that needs a reason and nothing else. */
export const reasonBody = {
  required: true,
  content: { 'application/json': { schema: z.strictObject({ reason: reasonSchema }) } },
};

/** Which operator asks, and why. Throws `forbidden` for a merchant's key. */
export const operatorAsker = (actor: Actor, reason: string): Asker => ({
  actor: actorLabel(requireOperator(actor)),
  reason,
});
