import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Hono } from 'hono';
import { CLIENT_SCRIPT } from './client-script.js';
import type { IngressEnv } from '../http/kit/route.js';
import { STYLE } from './style.js';

type Asset = { readonly path: string; readonly body: string; readonly type: string };

const JAVASCRIPT = 'text/javascript; charset=utf-8';

function asset(body: string, extension: string, type: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/ops/assets/ops-${hash}.${extension}`, body, type };
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#1f3a5f"/><g fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"><path d="M7 6h6.5a3.75 3.75 0 0 1 0 7.5H10.5"/><path d="M7 10.5v8"/></g><circle cx="17.5" cy="17.5" r="1.8" fill="#6fb4ff"/></svg>`;

const SCRIPT = asset(CLIENT_SCRIPT, 'js', JAVASCRIPT);
const SHEET = asset(STYLE, 'css', 'text/css; charset=utf-8');
const FAVICON = asset(ICON, 'svg', 'image/svg+xml');
const CHART = '/ops/assets/chart.js';

/** Our own paths change with their content. */
export const ASSETS = { script: SCRIPT.path, style: SHEET.path, icon: FAVICON.path, chart: CHART };

/** No session is needed: they hold nothing of anybody's. */
export function assetRoutes(): Hono<IngressEnv> {
  const routes = new Hono<IngressEnv>();
  for (const { path, body, type } of [SCRIPT, SHEET, FAVICON]) {
    routes.get(path, (c) =>
      c.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' }),
    );
  }
  // One copy for all: who reads slowly holds no bytes of their own.
  let chart: Promise<Buffer<ArrayBuffer>> | undefined;
  routes.get(CHART, async (c) =>
    c.body(await (chart ??= readFile(chartFile())), 200, {
      'Content-Type': JAVASCRIPT,
      'Cache-Control': 'public, max-age=3600',
    }),
  );
  return routes;
}

/** The package's build for a `<script>`; found from here, so from `dist/` too. */
const chartFile = (): string => join(dirname(createRequire(import.meta.url).resolve('chart.js')), 'chart.umd.min.js');
