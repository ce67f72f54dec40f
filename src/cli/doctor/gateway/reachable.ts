import { ok, unreachable, type Finding } from '../finding.js';

export type Reached =
  | { readonly kind: 'reached'; readonly skewMs: number | undefined; readonly finding: Finding }
  | { readonly kind: 'unreached'; readonly finding: Finding };

const TIMEOUT_MS = 8_000;

/** Any answer will do; an unsigned request is refused, and says the time all the same. */
export async function reachGateway(gatewayUrl: string, now: () => Date): Promise<Reached> {
  const { origin, hostname } = new URL(gatewayUrl);
  const before = now().getTime();
  try {
    const answer = await fetch(new URL('/v3/certificates', gatewayUrl), {
      redirect: 'manual',
      headers: { accept: 'application/json', 'user-agent': 'paysaga-doctor' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    const after = now().getTime();
    const skewMs = skewOf(answer.headers.get('date'), (before + after) / 2);
    return { kind: 'reached', skewMs, finding: ok(`${origin} answers in ${after - before} ms`) };
  } catch (error) {
    const cure = `Let this machine reach ${hostname}: look at its DNS, firewall and certificates; a proxy is not used.`;
    return { kind: 'unreached', finding: unreachable(`${origin} does not answer (${reasonOf(error)})`, cure) };
  }
}

/** Positive: this machine is ahead. The header says whole seconds: on average the moment was half of one later. */
function skewOf(date: string | null, atMs: number): number | undefined {
  const saidMs = date === null ? NaN : Date.parse(date);
  return Number.isNaN(saidMs) ? undefined : atMs - (saidMs + 500);
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name;
}
