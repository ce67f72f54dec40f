import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { failed, ok, type Finding } from '../finding.js';
import { GRPC, grpcCode } from './grpc.js';

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

/** A query by an unknown attribute is an error. Of a known one its type is believed. */
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
  // The frontend's cache learns of them some seconds later.
  const endMs = Date.now() + USABLE_WITHIN_MS;
  while ((await typesByQuery(place)).size < place.names.length && Date.now() < endMs) await sleep(AGAIN_AFTER_MS);
}
