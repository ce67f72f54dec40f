import { createMiddleware } from 'hono/factory';
import type { OpsEnv } from './env.js';

/** Everything comes from our own origin and nothing is inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'img-src', 'connect-src', 'form-action'].map((name) => `${name} 'self'`),
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** With `no-referrer` browsers would send `Origin: null` with the page's own forms. */
export const OPS_HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Robots-Tag': 'noindex, nofollow',
} as const;

export const opsHeaders = () =>
  createMiddleware<OpsEnv>(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(OPS_HEADERS)) c.header(name, value);
  });
