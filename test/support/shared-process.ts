// The mark of an answer already sent is made from the `Response` of the moment it is loaded, and told by it later. The first
// server of a process replaces the global one; files that share a process load the mark before that, as every entry does.
import '@hono/node-server/utils/response';
import { forgetReplays } from './replay.js';

forgetReplays();
