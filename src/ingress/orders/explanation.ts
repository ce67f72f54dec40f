import { z } from '@hono/zod-openapi';
import type { Explanation } from '../../domain/explain.js';

export const explanationSchema = z
  .strictObject({
    waitingFor: z.string(),
    since: z.iso.datetime(),
    nextStep: z.string(),
    nextAt: z.iso.datetime().nullable(),
    attempts: z.int(),
    lastAnswer: z.strictObject({ api: z.string(), at: z.iso.datetime(), outcome: z.string() }).nullable(),
    actor: z.enum(['nobody', 'payer', 'shop', 'operator', 'wechat']),
    commands: z.array(z.string()),
    text: z.strictObject({ zh: z.string(), en: z.string() }),
  })
  .openapi('Explanation', { description: 'What the order waits for, since when, what comes next, and who can act.' });

export const explanationView = (explanation: Explanation): z.infer<typeof explanationSchema> => ({
  ...explanation,
  commands: [...explanation.commands],
});
