import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { GRPC, grpcCode } from '../../temporal/grpc.js';
import { failed, ok, warning, type Finding, type Reached } from '../check.js';

const WARN_HOURS = 72;
const ADVISED_DAYS = 30;

/** Orders live in Postgres; after the retention nobody can read the history of one that ended. */
export async function checkNamespace(client: Client, namespace: string): Promise<Reached<true>> {
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace });
    const hours = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 3_600;
    return { found: true, finding: judgeRetention(namespace, hours) };
  } catch (error) {
    return { finding: unreadable(grpcCode(error), namespace) };
  }
}

function judgeRetention(namespace: string, hours: number): Finding {
  if (hours < WARN_HOURS) {
    return warning(
      `${namespace} keeps histories for ${Math.round(hours)} hours only`,
      `Run: temporal operator namespace update --namespace ${namespace} --retention ${ADVISED_DAYS * 24}h`,
    );
  }
  const days = Math.round(hours / 24);
  const advice = days < ADVISED_DAYS ? `; ${ADVISED_DAYS} are advised` : '';
  return ok(`${namespace}, histories are kept for ${days} days${advice}`);
}

function unreadable(code: number, namespace: string): Finding {
  if (code === GRPC.notFound) {
    return failed(
      `there is no namespace ${namespace}`,
      `Set TEMPORAL_NAMESPACE, or run: temporal operator namespace create --namespace ${namespace} --retention ${ADVISED_DAYS * 24}h`,
    );
  }
  return failed(
    `the namespace ${namespace} cannot be read (gRPC status ${code})`,
    'Give this client the right to read the namespace, or correct TEMPORAL_NAMESPACE.',
  );
}

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

type Place = { readonly client: Client; readonly namespace: string; readonly names: readonly string[] };

export async function checkSearchAttributes(place: Place): Promise<Finding> {
  const { names } = place;
  const types = (await listedTypes(place)) ?? (await typesByQuery(place));
  const missing = names.filter((name) => types.get(name) === undefined);
  if (missing.length > 0) {
    return failed(
      `the search attributes ${missing.join(', ')} are missing, and no order can start`,
      `Run --fix, or: temporal operator search-attribute create --namespace ${place.namespace} ${missing.map((name) => `--name ${name} --type Keyword`).join(' ')}`,
      () => addSearchAttributes(place, missing),
    );
  }
  const wrong = names.filter((name) => types.get(name) !== KEYWORD);
  if (wrong.length === 0) return ok(names.join(', '));
  return failed(
    `not of type Keyword: ${wrong.join(', ')}`,
    `Remove ${wrong.join(', ')} from the namespace and create it again with the type Keyword.`,
  );
}

type Types = ReadonlyMap<string, number>;

/** `undefined`: Temporal Cloud has no operator service, and others may forbid it. */
async function listedTypes({ client, namespace }: Place): Promise<Types | undefined> {
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes));
  } catch (error) {
    const refusals: readonly number[] = [GRPC.unimplemented, GRPC.permissionDenied];
    if (refusals.includes(grpcCode(error))) return undefined;
    throw error;
  }
}

/** A query by an unknown attribute is an error; a known one is taken for a Keyword. */
async function typesByQuery({ client, namespace, names }: Place): Promise<Types> {
  const types = new Map<string, number>();
  for (const name of names) {
    try {
      await client.workflowService.countWorkflowExecutions({ namespace, query: `${name} = 'none'` });
      types.set(name, KEYWORD);
    } catch (error) {
      if (grpcCode(error) !== GRPC.invalidArgument) throw error;
    }
  }
  return types;
}

const USABLE_WITHIN_MS = 30_000;
const AGAIN_AFTER_MS = 250;

async function addSearchAttributes(place: Place, missing: readonly string[]): Promise<void> {
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  const { namespace } = place;
  await place.client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  // The server's cache learns of them some seconds later.
  const endMs = Date.now() + USABLE_WITHIN_MS;
  while ((await typesByQuery(place)).size < place.names.length && Date.now() < endMs) await sleep(AGAIN_AFTER_MS);
}
