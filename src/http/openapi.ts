import type { OpenAPIHono } from '@hono/zod-openapi';
import { ERRORS } from './kit/api-error.js';
import type { IngressEnv } from './kit/route.js';
import { plainDocument } from './openapi-plain.js';

/** `/openapi.json`, made once from the routes that are registered. */
export function registerOpenApi(app: OpenAPIHono<IngressEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: "A merchant's key, or an operator's; made with `paysaga keys create`.",
  });
  let document: Uint8Array<ArrayBuffer> | undefined;
  app.get('/openapi.json', (c) => {
    document ??= new TextEncoder().encode(JSON.stringify(plainDocument({ ...app.getOpenAPI31Document(HEAD) })));
    return c.body(document, 200, { 'Content-Type': 'application/json' });
  });
}

const errorTable = Object.entries(ERRORS)
  .map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`)
  .join('\n');

const HEAD = {
  openapi: '3.1.0',
  info: {
    title: 'PaySaga',
    version: '1',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description: `Payments with WeChat Pay, one durable workflow an order.

Amounts are integer fen (1/100 yuan), times RFC 3339, absent fields \`null\`. Unknown fields of a body are refused, and so are numbers
that are not in plain digits (\`1.0\`, \`1e2\`; in \`metadata\` only those that would come back changed). A body is sent as it is,
without a \`Content-Encoding\`. Every call may be repeated: \`orderNo\`, \`attemptKey\` and \`refundNo\` make sure that nothing
happens twice. 429, 503 and \`close_too_early\` carry \`Retry-After\`.

The numbers are the shop's own. An \`orderNo\` has 6 to 32 characters, a \`refundNo\` 1 to 64 (both unique per mchid), an
\`attemptKey\` 1 to 64 (unique per order), each of them a letter, a digit, \`-\` or \`_\` (\`0-9A-Za-z_-\`).

Errors are \`application/problem+json\`; switch on \`code\`:

| code | status | meaning |
|---|---|---|
${errorTable}`,
  },
  servers: [{ url: '/' }],
  tags: [
    { name: 'Orders', description: 'For the shop.' },
    { name: 'Refunds', description: 'For the shop.' },
    { name: 'Events', description: 'What the shop is told by webhook.' },
    { name: 'Statements', description: 'For whoever keeps the books.' },
    { name: 'Operators', description: 'Need an operator key; a reason is kept with its name.' },
    { name: 'Reconciliation', description: "Days held against WeChat Pay's bills." },
    { name: 'Webhooks', description: "What the shop's endpoint is sent." },
    { name: 'WeChat Pay', description: 'Called by WeChat Pay.' },
    { name: 'Health', description: 'For load balancers and orchestrators.' },
  ],
};
