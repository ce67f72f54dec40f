import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { IngressEnv } from '../env.js';
import { docsPage, docsScript } from './page.js';

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

const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;

/** The API's documentation from our own origin; nothing comes from elsewhere and nothing is inline. */
export function registerDocs(app: OpenAPIHono<IngressEnv>): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/docs', (c) => {
    c.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    return c.html(docsPage);
  });
  app.get('/docs/start.js', (c) => c.body(docsScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
  for (const [name, contentType] of Object.entries(ASSETS)) {
    // One copy for all: who reads slowly holds no bytes of their own.
    let content: Promise<Buffer<ArrayBuffer>> | undefined;
    app.get(`/docs/${name}`, async (c) => {
      content ??= readFile(join(folder, name));
      const headers = { 'Content-Type': contentType, 'Cache-Control': 'public, max-age=3600' };
      return c.body(await content, 200, headers);
    });
  }
}
