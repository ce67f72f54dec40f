import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { serveFile } from './kit/assets.js';
import type { IngressEnv } from './kit/route.js';

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
  app.get('/docs/style.css', (c) => c.body(docsStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  for (const [name, type] of Object.entries(ASSETS)) serveFile(app, `/docs/${name}`, join(folder, name), type);
}

const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>PaySaga API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/style.css" />
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** Swagger UI leaves choices and parts of the page without a name, jumps over levels of headings, puts links into buttons, and lets code scroll by the mouse alone. */
const docsScript = `(() => {
  'use strict';
  const names = {
    '.information-container': 'About',
    '.schemes-server-container': 'Server and key',
    '.servers select': 'Server',
    '.examples-select-element': 'Example',
    '.response-control-media-type select, .content-type-wrapper select, select.content-type': 'Media type',
    '.parameters select, .parameters input': 'Value',
    '.body-param__text': 'Body',
  };
  const levels = { 'h3.opblock-tag, .models h4': 2, '.opblock h4': 3, '.opblock h5': 4 };
  const api = document.getElementById('api');

  function mend() {
    const all = (selector) => api.querySelectorAll(selector);
    for (const [selector, name] of Object.entries(names)) for (const it of all(selector)) it.ariaLabel ??= name;
    for (const it of all('.information-container, .schemes-server-container')) it.role = 'region';
    for (const [selector, level] of Object.entries(levels)) for (const it of all(selector)) it.ariaLevel = level;
    for (const it of all('pre')) it.tabIndex = 0;
  }
  new MutationObserver(mend).observe(api, { childList: true, subtree: true });

  // It stands inside the button that opens the call.
  const plainText = ({ React }) => ({ components: { DeepLink: ({ text }) => React.createElement('span', null, text) } });

  SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#api',
    deepLinking: true,
    // The validator badge would be an image from another origin.
    validatorUrl: null,
    plugins: [plainText],
  });
})();
`;

/** Colours that can be told from their ground, and a button that can be hit. */
const docsStyle = `
.swagger-ui .info .title small.version-stamp { background: #416300; }
.swagger-ui .info a, .swagger-ui .info .url, .swagger-ui a.nostyle, .swagger-ui .link { color: #14559e; }
.swagger-ui .btn.authorize { color: #08783f; border-color: #08783f; }
.swagger-ui .btn.authorize svg { fill: #08783f; }
.swagger-ui .btn.cancel { color: #a8231b; border-color: #a8231b; }
.swagger-ui .btn.execute { background: #14559e; border-color: #14559e; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #08783f; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #14559e; }
.swagger-ui .opblock .opblock-summary .view-line-link.copy-to-clipboard { flex: none; width: 24px; height: 24px; margin: 0 4px; }
.swagger-ui .view-line-link.copy-to-clipboard button { display: block; width: 24px; height: 24px; }
.swagger-ui .parameter__in, .swagger-ui .parameter__type, .swagger-ui .prop-format { color: #53615a; }
.swagger-ui .json-schema-2020-12-expand-deep-button { color: #53615a; }
.swagger-ui .microlight span[style*='211, 99, 99'] { color: #ff9c92 !important; }
`;
