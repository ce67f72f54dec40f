import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { serveFile } from './kit/assets.js';
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
    { name: 'Statements', description: 'For whoever keeps the books.' },
    { name: 'Operators', description: 'Need an operator key; a reason is kept with its name.' },
    { name: 'Reconciliation', description: "Days held against WeChat Pay's bills." },
    { name: 'Webhooks', description: "What the shop's endpoint is sent." },
    { name: 'WeChat Pay', description: 'Called by WeChat Pay.' },
    { name: 'Health', description: 'For load balancers and orchestrators.' },
  ],
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ASSETS = { 'swagger-ui.css': 'css', 'swagger-ui-bundle.js': 'js', 'favicon-32x32.png': 'png' } as const;

/** The API's documentation from our own origin; nothing comes from elsewhere and nothing is inline. */
export function registerDocs(app: OpenAPIHono<IngressEnv>): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/docs', (c) => {
    c.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    return c.html(docsPage);
  });
  app.get('/docs/start.js', (c) => c.body(docsScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
  for (const [name, type] of Object.entries(ASSETS)) serveFile(app, `/docs/${name}`, join(folder, name), type);
}

const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>PaySaga API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const docsScript = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  // The validator badge would be an image from another origin.
  validatorUrl: null,
});
`;
