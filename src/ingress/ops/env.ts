import type { IngressEnv } from '../../http/kit/route.js';

/** A request below `/ops`: `operator`, `csrfToken` and `language` are set before any page that needs a session. */
export type OpsEnv = IngressEnv;
