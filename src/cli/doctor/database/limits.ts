import { connect } from '../../../db/connection.js';
import { limitSessions, sessionLimits } from '../../../db/migrate.js';
import { ok, warning, type Finding } from '../finding.js';

/** In a session of its own: limits are a session's from its first moment. */
export async function checkLimits(databaseUrl: string): Promise<Finding> {
  const { sql, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga-doctor' });
  try {
    const limits = Object.entries(await sessionLimits(sql));
    const seen = limits.map(([name, value]) => `${name} is ${value}`).join(', ');
    if (limits.every(([, value]) => value !== '0')) return ok(seen);
    const cure =
      'Run npm run migrate or doctor --fix as this role, or set both for it: alter role … in database … set …';
    return warning(seen, cure, () => fix(databaseUrl));
  } finally {
    await close();
  }
}

async function fix(databaseUrl: string): Promise<void> {
  const { sql, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga-doctor' });
  await limitSessions(sql).finally(close);
}
