/** In this order: what a feature's stores, clients and use cases import of another stands before it. */
const FEATURES = [
  'access',
  'actions',
  'orders',
  'refunds',
  'approvals',
  'shop-events',
  'inbox',
  'decisions',
  'bulk',
  'reconciliation',
  'statements',
  'sweep',
  'timeline',
  'search',
  'figures',
];

/** The places of the house (docs/architecture.md): a role inside the features, or a room of its own. */
const of = (role) => `^src/(${FEATURES.join('|')})/${role}`;
const places = {
  base: '^src/base/',
  net: '^src/net/',
  rules: of('rules/'),
  store: of('store/'),
  client: of('client\\.ts$'),
  useCases: of('use-cases/'),
  api: of('api/'),
  page: of('page/'),
  command: of('command\\.ts$'),
  db: '^src/db/',
  temporal: '^src/temporal/',
  channels: '^src/channels/',
  webhooks: '^src/webhooks/',
  metrics: '^src/metrics/',
  figures: '^src/figures/api/',
  http: '^src/http/',
  ops: '^src/ops/',
  checkout: '^src/checkout/',
  cli: '^src/cli/',
  doctor: '^src/doctor/',
  embedded: '^src/embedded/',
  sandbox: '^src/sandbox/',
  shopsClient: '^src/client/',
  messages: '^workflows/.*messages\\.ts$',
  workflows: '^workflows/',
  activities: '^activities/',
};

/** Which place may import which others; each may import itself. Entries import everything. */
const pages = [
  'net',
  'useCases',
  'client',
  'store',
  'rules',
  'temporal',
  'db',
  'channels',
  'http',
  'ops',
  'checkout',
  'api',
  'page',
  'metrics',
];
const walls = {
  base: [],
  net: ['base'],
  rules: ['base'],
  store: ['base', 'rules', 'db'],
  client: ['base', 'rules', 'store', 'db', 'temporal', 'messages'],
  useCases: ['base', 'rules', 'store', 'client', 'db', 'temporal', 'channels'],
  api: ['base', ...pages],
  page: ['base', ...pages],
  command: ['base', 'rules', 'cli'],
  db: ['base', 'rules'],
  temporal: ['base', 'rules', 'store', 'client', 'db', 'messages'],
  channels: ['base', 'rules', 'net'],
  webhooks: ['base', 'rules', 'net'],
  metrics: ['base'],
  http: ['base', 'rules', 'store', 'client', 'useCases', 'db', 'temporal', 'channels', 'metrics', 'figures'],
  ops: ['base', 'rules', 'store', 'db', 'http'],
  checkout: ['base', ...pages],
  cli: ['base', 'rules', 'store', 'client', 'useCases', 'db', 'temporal', 'channels', 'doctor', 'command'],
  doctor: ['base', 'rules', 'store', 'db', 'temporal', 'channels', 'cli'],
  embedded: [],
  sandbox: [],
  shopsClient: [],
  activities: ['base', 'rules', 'store', 'client', 'useCases', 'db', 'temporal', 'channels', 'webhooks', 'workflows'],
};

const wallRules = Object.entries(walls).map(([place, others]) => ({
  name: `wall-${place}`,
  severity: 'error',
  from: { path: places[place] },
  to: {
    path: '^(src|workflows|activities|test)/',
    pathNot: [place, ...others].map((name) => places[name]),
  },
}));

/** What acts on the features' rules and rows: no feature's imports a later one's, but for types. */
const acting = (features) => `^src/(${features.join('|')})/(client\\.ts$|use-cases/|api/|page/|command\\.ts$)`;
const featureRules = FEATURES.slice(0, -1).map((feature, index) => ({
  name: `order-of-features-${feature}`,
  severity: 'error',
  from: { path: acting([feature]) },
  to: { path: acting(FEATURES.slice(index + 1)), dependencyTypesNot: ['type-only'] },
}));

module.exports = {
  forbidden: [
    ...wallRules,
    ...featureRules,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'rules-are-pure',
      severity: 'error',
      from: { path: `${places.base}|${places.rules}` },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'workflows-are-deterministic',
      severity: 'error',
      from: { path: places.workflows },
      to: {
        path: '^(src|activities)/',
        pathNot: [places.base, places.rules],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'source-never-imports-tests',
      severity: 'error',
      from: { path: '^(src|workflows|activities)/' },
      to: { path: '^(test|bench|lab|scripts)/' },
    },
    {
      name: 'shops-client-needs-no-package',
      severity: 'error',
      from: { path: places.shopsClient },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^(src|workflows|activities)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
