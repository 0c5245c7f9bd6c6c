/** Import walls of the house: `npm run check:walls` and walls.test.ts both hold the code to them. Each exception has its reason. */
import type { IConfiguration } from 'dependency-cruiser'

// free-text is no noun but what grouping and analysis both must know of one: which parts of a line strangers fill in.
// spike: what is usual is computed where the counts are, in the store, and judged where incidents are planned.
const nouns = 'src/pipeline/(batch|free-text|incident|knowledge|outcome|probe|record|spike|store)\\.ts$'
const severity = 'error' as const
const vendors = 'node_modules/(@aws-sdk|@smithy|@slack|openai|pg|@opensearch-project|@zilliz)/'
const technologyFile =
  '/(kcl|kinesis|lambda|milvus|openai|opensearch|postgres|s3|slack|sqlite)-[a-z0-9-]+(\\.test)?\\.ts$'

export default {
  forbidden: [
    {
      name: 'platform-imports-nothing-of-ours',
      severity,
      from: { path: '^src/platform/' },
      to: { path: '^(src|web)/', pathNot: '^src/platform/' },
    },
    {
      name: 'a-stage-imports-the-nouns-and-platform-only',
      severity,
      from: { path: '^src/pipeline/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(src|web)/', pathNot: `^src/pipeline/$1/|^${nouns}|^src/platform/` },
    },
    {
      name: 'nouns-import-nouns-and-platform-only',
      severity,
      from: { path: `^${nouns}` },
      to: { path: '^src/', pathNot: `^${nouns}|^src/platform/` },
    },
    {
      name: 'the-pipeline-imports-stages-nouns-and-platform-only',
      severity,
      from: { path: '^src/pipeline/[^/]+\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(pipeline|platform)/' },
    },
    // A test of the state or of knowledge may plan with the group stage and read the pages that rules name.
    {
      name: 'state-knowledge-generate-import-the-nouns-and-platform-only',
      severity,
      from: { path: '^src/(state|knowledge|generate)/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { path: '^src/', pathNot: `^src/$1/|^${nouns}|^src/platform/` },
    },
    {
      name: 'only-cli-and-api-import-app',
      severity,
      from: { path: '^src/', pathNot: '^src/(app|cli|api)/' },
      to: { path: '^src/app/' },
    },
    {
      name: 'vendor-sdk-only-in-technology-port-files',
      severity,
      from: { path: '^src/', pathNot: `${technologyFile}|^src/app/demo\\.ts$|^src/app/doctor\\.ts$` },
      to: { path: vendors },
    },
    { name: 'web-imports-nothing-of-src', severity, from: { path: '^web/' }, to: { path: '^src/' } },
    {
      name: 'src-imports-nothing-of-test-tools-web',
      severity,
      from: { path: '^src/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { path: '^(test|tools|web|bench|eval)/' },
    },
    { name: 'no-cycles', severity, from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'every-import-resolves', severity, from: {}, to: { couldNotResolve: true } },
    {
      name: 'src-runs-without-dev-dependencies',
      severity,
      from: { path: '^src/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'every-dependency-is-declared',
      severity,
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
} satisfies IConfiguration
