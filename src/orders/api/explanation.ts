import { z } from '@hono/zod-openapi';
import { gatewaySchema } from '../../http/kit/fields.js';
import type { Explanation } from '../rules/explain/explain.js';

export const explanationSchema = z
  .strictObject({
    waitingFor: z.string(),
    since: z.iso.datetime(),
    nextStep: z.string(),
    nextAt: z.iso.datetime().nullable(),
    attempts: z.int(),
    lastAnswer: z
      .strictObject({ api: z.string(), at: z.iso.datetime(), outcome: z.string(), gateway: gatewaySchema.nullable() })
      .nullable(),
    actor: z.enum(['nobody', 'payer', 'shop', 'operator', 'wechat']),
    commands: z.array(z.string()),
    text: z.strictObject({ zh: z.string(), en: z.string() }),
  })
  .openapi('Explanation', { description: 'What the order waits for, since when, what comes next, and who can act.' });

/** The next step is told in English, the text in both languages. */
export function explanationView(explanation: Explanation): z.infer<typeof explanationSchema> {
  const { waitingFor, since, nextStep, nextAt, attempts, lastAnswer, actor, commands, text } = explanation;
  return { waitingFor, since, nextStep, nextAt, attempts, lastAnswer, actor, commands: [...commands], text };
}
