import vm from 'node:vm';

// For each call into a workflow Node starts a thread that keeps the time limit, and ends it again: more work than most calls
// themselves. The workers' limit is an hour, which no test lasts. Loaded before all else, also in the threads of workflows.

const AN_HOUR_MS = 3_600_000;

const { runInContext } = vm.Script.prototype;

vm.Script.prototype.runInContext = function (context, options = {}) {
  const { timeout, ...unlimited } = options;
  return runInContext.call(this, context, timeout >= AN_HOUR_MS ? unlimited : options);
};
