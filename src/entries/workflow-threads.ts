import workerThreads, { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Two habits of the SDK's cost a worker about a third of its CPU for an order, and it has no option for either: a hook that takes a stack trace of
 * every promise, for a query that nobody asks, and a watchdog thread for every call into a workflow, for a limit of an activation's time
 * that this house has lifted. Threads started from now on that run workflows do without both; all other threads are as Node has them.
 */
export function leanWorkflowThreads(): void {
  if (workerThreads.Worker !== LeanWorker) Object.assign(workerThreads, { Worker: LeanWorker });
}

class LeanWorker extends Worker {
  constructor(file: string | URL, options: WorkerOptions = {}) {
    if (typeof file === 'string' && WORKFLOW_THREAD.test(file)) super(leanly(file), { ...options, eval: true });
    else super(file, options);
  }
}

const WORKFLOW_THREAD = /[\\/]workflow-worker-thread\.js$/;

/**
 * Where the hook cannot be had, the SDK warns on standard error, which is for our log's lines alone, and answers the query that stack
 * traces are not enabled. A script's `timeout` is what Node starts a watchdog for.
 */
const leanly = (file: string): string => `
  const { warn } = console;
  require('node:v8').promiseHooks.createHook = () => {
    console.warn = () => { console.warn = warn; };
    throw new Error('promises are not watched here');
  };
  const { Script } = require('node:vm');
  const { runInContext } = Script.prototype;
  Script.prototype.runInContext = function (context, { timeout, ...options } = {}) {
    return runInContext.call(this, context, options);
  };
  require(${JSON.stringify(file)});
`;
