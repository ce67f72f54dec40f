import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { poll } from './children.js';

/** Of the histories of closed workflows. */
const RETENTION_DAYS = 30;
const RETENTION = msToTs(`${String(RETENTION_DAYS)} days`);

/** All of type Keyword. */
export const SEARCH_ATTRIBUTES = ['PayState', 'StuckReason', 'Mchid'] as const;

const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const KEYWORD = 2;

/**
 * Registers the namespace and the search attributes that are missing, and resolves when both can be used. When the server
 * refuses, the error says what an administrator has to create.
 */
export async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  await ensureRegistered(connection, namespace);
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  await addSearchAttributes(connection, namespace, missing);
  await poll(() => assertUsable(connection, namespace), AbortSignal.timeout(60_000), 250);
}

/** Raises the retention of a development server's namespace, which is one day. */
export async function ensureRetention(connection: Connection, namespace: string): Promise<void> {
  const config = { workflowExecutionRetentionTtl: RETENTION };
  await connection.workflowService.updateNamespace({ namespace, config });
}

async function ensureRegistered(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!hasCode(error, NOT_FOUND)) throw error;
    await register(connection, namespace);
    // The server's namespace cache has the new namespace some seconds later.
    const use = () => connection.workflowService.countWorkflowExecutions({ namespace });
    await poll(use, AbortSignal.timeout(60_000), 250);
  }
}

function register(connection: Connection, namespace: string): Promise<void> {
  const request = { namespace, workflowExecutionRetentionPeriod: RETENTION };
  return create(
    connection.workflowService.registerNamespace(request),
    `Temporal has no namespace "${namespace}" and does not let this client create it. ` +
      `Create it with a retention of ${String(RETENTION_DAYS)} days.`,
  );
}

/** Tries each attribute in a query, because Temporal Cloud has no operator service that would list them. */
async function missingSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const missing: string[] = [];
  for (const name of SEARCH_ATTRIBUTES) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query: `${name} = 'none'` });
    } catch (error) {
      if (!hasCode(error, INVALID_ARGUMENT)) throw error;
      missing.push(name);
    }
  }
  return missing;
}

function addSearchAttributes(connection: Connection, namespace: string, names: string[]): Promise<void> {
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  return create(
    connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
    `The Temporal namespace "${namespace}" lacks the search attributes ${names.join(', ')} and does not let this ` +
      `client add them. Add them with the type Keyword.`,
  );
}

/** Another process may have created the same meanwhile. */
async function create(creating: Promise<unknown>, refusal: string): Promise<void> {
  await creating.catch((cause: unknown) => {
    if (!hasCode(cause, ALREADY_EXISTS)) throw new Error(refusal, { cause });
  });
}

async function assertUsable(connection: Connection, namespace: string): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length > 0) throw new Error(`Temporal cannot use the search attributes ${missing.join(', ')} yet`);
}

export function hasCode(error: unknown, code: number): boolean {
  const found: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
  return found === code;
}
