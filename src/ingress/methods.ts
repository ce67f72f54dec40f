import type { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Logger } from 'pino';
import { ApiError } from './api-error.js';
import type { IngressEnv } from './env.js';
import { answerError } from './on-error.js';

/** 405 for a path that knows other methods; `OPTIONS` says which. There is no CORS: browsers of other origins get nothing. */
export const allowedMethods = (app: OpenAPIHono<IngressEnv>, log: Logger) =>
  methodNotAllowed<IngressEnv>({
    app,
    onMethodNotAllowed: async (c, methods) => {
      const allow = [...methods, 'OPTIONS'].join(', ');
      if (c.req.method === 'OPTIONS') {
        c.set('errorCode', undefined);
        return c.body(null, 204, { Allow: allow });
      }
      const response = await answerError(log, c, new ApiError('method_not_allowed', `This path knows ${allow}.`));
      response.headers.set('Allow', allow);
      return response;
    },
  });
