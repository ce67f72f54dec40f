import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where `npm run build` puts the prebuilt bundle: beside the compiled workflows. */
export const PREBUILT = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** The prebuilt bundle in a built tree; from source it is bundled now, which takes about a second. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  if (existsSync(PREBUILT)) return { codePath: PREBUILT };
  return bundleFromSource();
}

export async function bundleFromSource(): Promise<{ code: string }> {
  const quiet = { trace: ignore, debug: ignore, info: ignore, log: ignore, warn: console.warn, error: console.error };
  const compiled = import.meta.url.endsWith('.js');
  const source = new URL(`../../workflows/index.${compiled ? 'js' : 'ts'}`, import.meta.url);
  const { code } = await bundleWorkflowCode({ workflowsPath: fileURLToPath(source), logger: quiet });
  return { code };
}

const ignore = (): void => undefined;
