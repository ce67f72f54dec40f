import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import type { IngressEnv } from '../http/kit/route.js';
import { CLIENT_SCRIPT } from './client-script.js';
import { STYLE } from './style.js';

function asset(body: string, extension: string, type: string) {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { name: `checkout-${hash}.${extension}`, body, type };
}

/** A tick in a green disc: the page's icon. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#08783f"/><path d="M9 16.5l5 5 9-10" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>
`;

const SCRIPT = asset(CLIENT_SCRIPT, 'js', 'text/javascript; charset=utf-8');
const SHEET = asset(STYLE, 'css', 'text/css; charset=utf-8');
const FAVICON = asset(ICON, 'svg', 'image/svg+xml');

/** Relative to `/pay/assets/`; a name changes with its content. */
export const ASSET_NAMES = { script: SCRIPT.name, style: SHEET.name, icon: FAVICON.name };

/** Serves them under `/pay/assets/`, to be kept for a year. */
export function assetRoutes(): Hono<IngressEnv> {
  const routes = new Hono<IngressEnv>();
  for (const { name, body, type } of [SCRIPT, SHEET, FAVICON]) {
    routes.get(`/pay/assets/${name}`, (c) =>
      c.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' }),
    );
  }
  return routes;
}
