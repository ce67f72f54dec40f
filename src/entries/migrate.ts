import { readConfig, required } from './config.js';
import { migrate } from '../db/migrate.js';
import { runProcess } from './process.js';

/** Safe when several processes do it at once. */
await runProcess('migrate', async () => {
  await migrate(required(readConfig().databaseUrl, 'DATABASE_URL'));
  console.log('the schema is up to date');
});
