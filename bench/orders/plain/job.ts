import { z } from 'zod';

/** What both processes of the plain program are told. */
export const jobSchema = z.object({
  address: z.string(),
  namespace: z.string(),
  taskQueue: z.string(),
  databaseUrl: z.string(),
  sandboxUrl: z.string(),
  webhookUrl: z.string(),
});
