import type { Connection } from '../../../db/connection.js';
import { hearsNotify } from '../../../db/diagnosis.js';
import { failed, ok, type Finding } from '../finding.js';

const WITHIN_MS = 5_000;

export async function checkListening({ sql }: Connection, withinMs = WITHIN_MS): Promise<Finding> {
  if (await hearsNotify(sql, withinMs)) return ok('what one connection notifies another hears');
  return failed(
    'LISTEN hears nothing, so streams and checkout pages do not move',
    'Connect directly, or through a pooler that keeps a session to itself (PgBouncer: pool_mode = session).',
  );
}
