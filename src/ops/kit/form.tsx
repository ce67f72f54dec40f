import type { Context } from 'hono';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { givenTwice } from '../../http/kit/body.js';

/** In every form below `/ops` that is sent; whoever does something uses `ActForm`. */
export function CsrfField({ token }: { readonly token: string }) {
  return <input type="hidden" name="csrf" value={token} />;
}

/** A form's fields, none twice; a handler may read them again. Throws `invalid_request`. */
export async function formOf(c: Context<IngressEnv>): Promise<Readonly<Record<string, string>>> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? ''))
    throw new ApiError('invalid_request', 'A form is expected here.');
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(await c.req.text())) {
    if (fields.has(name)) throw givenTwice(name);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
