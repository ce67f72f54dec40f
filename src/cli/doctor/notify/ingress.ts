import { failed, ok, unreachable, warning, type Finding } from '../finding.js';
import { reasonOf } from '../gateway/reachable.js';

const TIMEOUT_MS = 8_000;

/** `GET /healthz` or `/readyz` of what is behind the public URL. */
export async function checkIngress(publicUrl: string, path: '/healthz' | '/readyz'): Promise<Finding> {
  const url = `${publicUrl}${path}`;
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(reasonOf);
  if (typeof answer === 'string') {
    return unreachable(
      `${url} does not answer (${answer})`,
      'Start the ingress with npm run serve, and let the proxy at PAYSAGA_PUBLIC_URL pass requests to it.',
    );
  }
  await answer.body?.cancel();
  if (answer.status === 200) return ok(`${url} answers 200`);
  return path === '/readyz' && answer.status === 503
    ? warning('the ingress runs, but is not ready', 'Look at its GET /readyz, which names what it cannot reach.')
    : failed(
        `${url} answers ${answer.status}`,
        'Let the proxy at PAYSAGA_PUBLIC_URL pass every path to the ingress: what answers there is not PaySaga.',
      );
}
