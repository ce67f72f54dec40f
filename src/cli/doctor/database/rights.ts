import type { Db } from '../../../db/connection.js';
import { tablesWithoutRights, type ServerFacts } from '../../../db/diagnosis.js';
import { failed, ok, type Finding } from '../finding.js';

export async function checkRights(db: Db, facts: ServerFacts): Promise<Finding> {
  if (facts.isReadOnly) {
    return failed('the server takes no writes', 'Point DATABASE_URL at the primary, with a role that may write.');
  }
  const tables = await tablesWithoutRights(db);
  if (tables.length === 0) return ok('this role may read and write every table');
  return failed(
    `this role may not read and write ${tables.join(', ')}`,
    'Run npm run migrate where a table is missing, else grant this role select, insert and update on them.',
  );
}
