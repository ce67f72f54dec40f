import type { Hono } from 'hono';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IngressEnv } from './route.js';

const TYPES = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
} as const;

export type Asset = { readonly name: string; readonly body: string; readonly type: string };

/** A file whose name changes with its content. */
export function hashedAsset(prefix: string, body: string, extension: keyof typeof TYPES): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { name: `${prefix}-${hash}.${extension}`, body, type: TYPES[extension] };
}

/** Serves them below `folder`, to be kept for a year. */
export function serveAssets(app: Hono<IngressEnv>, folder: string, assets: readonly Asset[]): void {
  for (const { name, body, type } of assets) {
    app.get(`${folder}/${name}`, (c) =>
      c.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' }),
    );
  }
}

/** Serves a package's file from one copy: slow readers hold no bytes of their own. */
export function serveFile(app: Hono<IngressEnv>, path: string, file: string, extension: keyof typeof TYPES): void {
  let content: Promise<Buffer<ArrayBuffer>> | undefined;
  app.get(path, async (c) => {
    content ??= readFile(file);
    return c.body(await content, 200, { 'Content-Type': TYPES[extension], 'Cache-Control': 'public, max-age=3600' });
  });
}

/** For pages: scripts, styles and pictures from our own origin, nothing inline. */
export const PAGE_POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'img-src', 'connect-src', 'form-action'].map((name) => `${name} 'self'`),
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
