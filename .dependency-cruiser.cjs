/** Which room may import which (docs/architecture.md). A room may always import itself, and, but for those that know nothing of PaySaga, `base`. */
const rooms = {
  base: [],
  domain: [],
  channels: ['domain'],
  db: ['domain'],
  webhooks: ['domain'],
  metrics: ['domain', 'db'],
  temporal: ['domain', 'db'],
  checkout: ['domain', 'channels', 'db', 'temporal', 'ingress'],
  ingress: ['domain', 'channels', 'db', 'temporal', 'metrics', 'checkout'],
  cli: ['domain', 'channels', 'db', 'temporal'],
  embedded: [],
  sandbox: [],
};

const stranger = ['sandbox', 'embedded'];

/** A feature's `store/` holds its queries, its `client.ts` starts and messages its workflows. */
const features = '(access|actions|bulk|figures|inbox|orders|refunds|search|shop-events|sweep|timeline)';
const store = `^src/${features}/store/`;
const client = `^src/${features}/client\\.ts$`;

/** Who uses the kit of the stores (`db`) or of the clients (`temporal`) uses them. */
const withFeatures = (allowed) => [
  ...(allowed.includes('db') ? [store] : []),
  ...(allowed.includes('temporal') ? [client] : []),
];

const roleRules = [
  {
    name: 'store',
    severity: 'error',
    from: { path: store },
    to: {
      path: '^(src|workflows|activities|test)/',
      pathNot: [store, `^src/${features}/rules/`, '^src/(base|domain|db)/'],
    },
  },
  {
    name: 'client',
    severity: 'error',
    from: { path: client },
    to: {
      path: '^(src|workflows|activities|test)/',
      pathNot: [
        store,
        client,
        `^src/${features}/rules/`,
        '^src/(base|domain|db|temporal)/',
        '^workflows/[a-z-]*/?messages\\.ts$',
      ],
    },
  },
];

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    path: '^(src|workflows|activities|test)/',
    pathNot: [
      `^src/(${[room, ...allowed, ...(stranger.includes(room) ? [] : ['base'])].join('|')})/`,
      ...(room === 'temporal' ? ['^workflows/messages\\.ts$'] : []),
      ...withFeatures(allowed),
    ],
  },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...roleRules,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^src/(base|domain)/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'workflows-are-deterministic',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(src|activities)/', pathNot: ['^src/(base|domain)/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'activities-call-rooms',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^src/', pathNot: ['^src/(base|domain|channels|db|webhooks|temporal)/', store, client] },
    },
    {
      name: 'source-never-imports-tests',
      severity: 'error',
      from: { path: '^(src|workflows|activities)/' },
      to: { path: '^test/' },
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
