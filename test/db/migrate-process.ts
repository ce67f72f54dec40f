import { migrate } from '../../src/db/migrate.js';

/** One of several processes that start at the same time: `migrate-process.ts <database url>`. */
const [databaseUrl] = process.argv.slice(2);
if (databaseUrl === undefined) throw new Error('Name the database');
await migrate(databaseUrl);
