import type { IngressDeps } from '../../http/kit/route.js';

/** The workflow in the Temporal UI; `undefined` where nobody said where that is. */
export function temporalUrl(deps: Pick<IngressDeps, 'temporalUi'>, workflowId: string): string | undefined {
  return deps.temporalUi && `${workflowsOf(deps.temporalUi)}/${encodeURIComponent(workflowId)}`;
}

/** The list of workflows that a visibility query finds. */
export function temporalFilterUrl(deps: Pick<IngressDeps, 'temporalUi'>, query: string): string | undefined {
  return deps.temporalUi && `${workflowsOf(deps.temporalUi)}?query=${encodeURIComponent(query)}`;
}

const workflowsOf = ({ url, namespace }: NonNullable<IngressDeps['temporalUi']>): string =>
  `${url}/namespaces/${encodeURIComponent(namespace)}/workflows`;
