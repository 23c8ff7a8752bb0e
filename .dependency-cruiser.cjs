/** Who may import whom. The folders show the way of the data; a vendor lives behind one file or folder. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const vendor = (name, home) =>
  only(
    `${name}-confined`,
    `${name} lives behind ${home}`,
    { pathNot: `^(${home}|test|bench|scripts)` },
    {
      path: `node_modules/${name}/`,
    },
  );

/** The folders of the optimizer in their order: each imports only itself and what it names. */
const OPTIMIZER = {
  run: [],
  milp: ['run'],
  kernels: ['run'],
  'column-generation': ['run', 'milp'],
  gap: ['run', 'milp', 'kernels', 'column-generation'],
  lagrangian: ['run', 'milp', 'kernels', 'column-generation', 'gap'],
  alternation: ['run', 'milp', 'kernels', 'column-generation', 'gap', 'lagrangian'],
  exact: ['run', 'milp'],
  'local-search': ['run', 'kernels', 'lagrangian'],
  matheuristic: ['run', 'exact', 'local-search'],
  packing: ['run'],
  joint: ['run', 'milp', 'kernels', 'column-generation', 'lagrangian', 'local-search'],
  'change-limit': ['run', 'kernels', 'lagrangian', 'exact', 'local-search', 'joint'],
};
const optimizerFolder = ([folder, known]) =>
  only(
    `optimizer-${folder}`,
    `${folder} knows ${known.join(', ') || 'no other folder of the optimizer'}`,
    { path: `^src/optimizer/${folder}/` },
    { path: `^src/optimizer/(?!(${[folder, ...known].join('|')})/)` },
  );

module.exports = {
  forbidden: [
    only('no-cycles', 'Files have an order', {}, { circular: true }),
    only('no-unresolved', 'Every import resolves', {}, { couldNotResolve: true }),
    only('errors-import-nothing', 'The catalog stands alone', { path: '^src/errors\\.ts' }, { path: '^src/' }),
    only('model-first', 'model knows only errors', { path: '^src/model/' }, { path: '^src/(?!model/|errors\\.ts)' }),
    only(
      'formats-on-model',
      'formats know model',
      { path: '^src/formats/' },
      {
        path: '^src/(?!formats/|model/|errors\\.ts)',
      },
    ),
    only(
      'problem-on-model',
      'problem knows model',
      { path: '^src/problem/' },
      {
        path: '^src/(?!problem/|model/|errors\\.ts)',
      },
    ),
    only(
      'optimizer-on-problem',
      'optimizer knows problem',
      { path: '^src/optimizer/' },
      {
        path: '^src/(?!optimizer/|problem/|model/|errors\\.ts)',
      },
    ),
    ...Object.entries(OPTIMIZER).map(optimizerFolder),
    only(
      'relaxation-alone',
      'The relaxation of GAP knows nothing of what is built on it',
      { path: '^src/optimizer/gap/relaxation/' },
      { path: '^src/optimizer/gap/(?!relaxation/)' },
    ),
    only(
      'plan-on-optimizer',
      'plan knows optimizer',
      { path: '^src/plan/' },
      {
        path: '^src/(?!plan/|optimizer/|problem/|model/|errors\\.ts)',
      },
    ),
    only(
      'policy-on-plan',
      'policy knows plan and model',
      { path: '^src/policy/' },
      {
        path: '^src/(?!policy/|plan/|problem/capacity|model/|errors\\.ts)',
      },
    ),
    only(
      'cli-on-top',
      'Nobody imports the command line',
      { pathNot: '^(src/cli/|test/|bench/)' },
      {
        path: '^src/cli/',
      },
    ),
    only(
      'service-on-top',
      'Only the command line starts the service',
      { pathNot: '^(src/(service|cli)/|test/|bench/)' },
      {
        path: '^src/service/',
      },
    ),
    only(
      'http-shared',
      'What the service and the manager have in common of HTTP knows neither',
      { path: '^src/http/' },
      { path: '^src/(?!http/|errors\\.ts)' },
    ),
    only(
      'client-stands-alone',
      'The client of the service runs where nothing of the service is',
      { path: '^src/client/' },
      { pathNot: '^src/client/' },
    ),
    only(
      'worker-solves',
      'In the service only what runs in a worker thread reaches the solver',
      { path: '^src/service/', pathNot: '^src/service/(worker|plan-operations|thread-control|choice-keeper)\\.ts' },
      { path: '^src/((solve|explain)\\.ts|optimizer/|problem/)', pathNot: '^src/problem/gap-instance\\.ts' },
    ),
    only(
      'manager-on-top',
      'Only the command line starts the manager',
      { pathNot: '^(src/(manager|cli)/|test/|bench/)' },
      { path: '^src/manager/' },
    ),
    only(
      'manager-solves-apart',
      'The manager reaches the optimizer in a thread of its own only',
      { path: '^src/manager/', pathNot: '^src/manager/solver/(thread|solver-reallocator)\\.ts' },
      { path: '^src/(solve\\.ts|optimizer/|problem/(?!capacity\\.ts)|manager/solver/solver-reallocator\\.ts)' },
    ),
    only(
      'decision-pure',
      'The decision maker knows no source, no clock and no wire',
      { path: '^src/manager/(decision|telemetry)/' },
      { path: '^src/(?!manager/(decision|telemetry)/|model/|problem/capacity\\.ts|errors\\.ts)' },
    ),
    only('source-alone', 'Source imports no test and no bench', { path: '^src/' }, { path: '^(test|bench|scripts)/' }),
    vendor('highs', 'src/optimizer/milp/highs\\.ts'),
    vendor('piscina', 'src/service/'),
    vendor('bullmq', 'src/service/jobs/redis/'),
    vendor('ioredis', 'src/service/jobs/redis/'),
    vendor('msgpackr', 'src/formats/codec\\.ts'),
    vendor('fastify', 'src/service/'),
    vendor('@fastify/swagger-ui', 'src/service/docs-page\\.ts'),
    vendor('prom-client', 'src/service/metrics/'),
    vendor('commander', 'src/cli/'),
    vendor('fast-xml-parser', 'src/formats/'),
    vendor('csv-parse', 'src/formats/'),
    vendor('@grpc', 'src/manager/gobgp/'),
    vendor('net-snmp', 'src/manager/collectors/snmp/'),
    vendor('yaml', 'src/manager/config\\.ts'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
