import { expect, test } from 'vitest'
import {
  pinsThatDiffer,
  type Repository,
  thisRepository,
  workflowFaults,
  workflowFiles,
} from '../../tools/workflows.ts'

const SHA = '3d3c42e5aac5ba805825da76410c181273ba90b1'
const REPOSITORY: Repository = {
  scripts: ['check', 'test'],
  exists: (path) => ['.', 'tools', 'tools/one.ts', 'deploy', 'deploy/helm', 'deploy/helm/ci'].includes(path),
  folders: ['tools', 'deploy', 'src'],
}

/** A workflow without a fault, with something else in one of its places. */
function workflow(
  change: Partial<Record<'on' | 'permissions' | 'concurrency' | 'job' | 'steps', string>> = {},
): string {
  return [
    `on: ${change.on ?? 'pull_request'}`,
    change.permissions ?? 'permissions: {}',
    change.concurrency ?? 'concurrency: ci',
    'jobs:',
    '  one:',
    '    runs-on: ubuntu-24.04',
    change.job ?? '    timeout-minutes: 5\n    permissions: { contents: read }',
    '    steps:',
    change.steps ??
      `      - uses: actions/checkout@${SHA} # v7.0.1\n        with: { persist-credentials: false }\n      - run: npm run check`,
  ].join('\n')
}

/** As a workflow writes it; a template of JavaScript looks nearly alike. */
const expression = (text: string): string => `\${{ ${text} }}`
const faults = (text: string): string[] => workflowFaults('a.yaml', text, REPOSITORY)
const run = (script: string): string => workflow({ steps: `      - run: |\n          ${script}` })

test('a workflow that holds the rules has no fault', () => {
  expect(faults(workflow())).toEqual([])
})

test('the workflows of this repository hold the rules', () => {
  const files = workflowFiles()
  expect([...files.keys()].map((path) => path.replace(/^.*\//, ''))).toEqual(
    ['chart', 'ci', 'codeql', 'dags', 'images', 'peers', 'release', 'terraform'].map((name) => `${name}.yaml`),
  )
  const repository = thisRepository()
  expect([...files].flatMap(([file, text]) => workflowFaults(file, text, repository))).toEqual([])
  expect(pinsThatDiffer([...files.values()])).toEqual([])
})

test.each([
  ['on: pull_request_target', workflow({ on: 'pull_request_target' }), 'pull_request_target runs with rights'],
  ['pull_request_target in a list', workflow({ on: '[push, pull_request_target]' }), 'pull_request_target'],
  [
    'pull_request_target with settings',
    workflow({ on: '{ pull_request_target: { branches: [main] } }' }),
    'pull_request_',
  ],
  ['no permissions at the top', workflow({ permissions: '' }), 'permissions at the top must be {}'],
  ['rights for all jobs', workflow({ permissions: 'permissions: { contents: read }' }), 'permissions at the top'],
  ['read-all', workflow({ permissions: 'permissions: read-all' }), 'permissions at the top'],
  ['no concurrency', workflow({ concurrency: '' }), 'concurrency is missing'],
  ['a job without rights', workflow({ job: '    timeout-minutes: 5' }), 'one: permissions are missing'],
  [
    'a job with all rights',
    workflow({ job: '    timeout-minutes: 5\n    permissions: write-all' }),
    'one: permissions are "write-all"',
  ],
  ['no timeout', workflow({ job: '    permissions: {}' }), 'one: timeout-minutes is missing'],
  ['a tag', workflow({ steps: '      - uses: actions/cache@v5 # v5.0.5' }), 'actions/cache@v5 is not pinned'],
  ['a branch', workflow({ steps: '      - uses: actions/cache@main' }), 'actions/cache@main is not pinned'],
  ['half a commit', workflow({ steps: `      - uses: actions/cache@${SHA.slice(0, 12)} # v5.0.5` }), 'is not pinned'],
  ['no version', workflow({ steps: `      - uses: actions/cache@${SHA}` }), 'has no comment with its version'],
  [
    'another comment',
    workflow({ steps: `      - uses: actions/cache@${SHA} # newest` }),
    'has no comment with its version',
  ],
  ['an image by tag', workflow({ steps: '      - uses: docker://alpine:3' }), 'docker://alpine:3 is not pinned'],
  [
    'a workflow that is not there',
    `${workflow()}\n  two:\n    permissions: {}\n    uses: ./no.yaml`,
    'there is no ./no.yaml',
  ],
  [
    'a checkout that leaves its token',
    workflow({ steps: `      - uses: actions/checkout@${SHA} # v7.0.1` }),
    'one: checkout without persist-credentials: false',
  ],
  [
    'the title of an issue',
    run(`echo ${expression('github.event.issue.title')}`),
    `${expression('github.event.issue.title')} in run`,
  ],
  ['the name of a branch', run(`git log ${expression('github.head_ref')}`), `${expression('github.head_ref')} in run`],
  ['an input', run(`deploy ${expression('inputs.where')}`), `${expression('inputs.where')} in run`],
  ['a secret', `${workflow()}\n    env: { A: '${expression('secrets.NPM_TOKEN')}' }`, 'a secret is read'],
  ['a script that is not there', run('npm run chekc'), 'package.json has no script "chekc"'],
  ['a script behind an option', run('npm run --silent build:web -- --a'), 'package.json has no script "build:web"'],
  ['npm start without the script', run('npm start'), 'package.json has no script "start"'],
  ['a file that is not there', run('node tools/two.ts'), 'there is no tools/two.ts'],
  ['a folder that is not there', run('helm lint deploy/chart'), 'there is no deploy/chart'],
  ['a file behind an equals sign', run('docker build --file=deploy/Dockerfile'), 'there is no deploy/Dockerfile'],
  ['a pattern in a folder that is not there', run('ls src/*.ts'), 'there is no src/*.ts'],
  ['something that is no YAML', 'on: [push\njobs: {}', 'a.yaml: '],
])('is refused: %s', (_, text, expected) => {
  expect(faults(text)).toEqual([expect.stringContaining(expected)])
})

test.each([
  'npm ci',
  'npm run check',
  'npm test',
  'node tools/one.ts --install',
  'for f in deploy/helm/ci/*.yaml; do helm lint "$f"; done',
  'go install helm.sh/helm/v4/cmd/helm@v4.3.1',
  'docker push "ghcr.io/$OWNER/cali"',
])('is taken: %s', (script) => {
  expect(faults(run(script))).toEqual([])
})

test('a path counts from the folder that the step works in', () => {
  const step = (path: string): string =>
    workflow({ steps: `      - run: python ${path}\n        working-directory: deploy` })
  expect(faults(step('helm/ci'))).toEqual([])
  expect(faults(step('helm/co'))).toEqual([expect.stringContaining('there is no helm/co')])
})

test('a job that calls a workflow needs no timeout, since the jobs of that one have it', () => {
  const called = { ...REPOSITORY, exists: (path: string) => path === 'b.yaml' || REPOSITORY.exists(path) }
  const text = `${workflow()}\n  two:\n    permissions: {}\n    uses: ./b.yaml`
  expect(workflowFaults('a.yaml', text, called)).toEqual([])
})

test('an action that is pinned differently in two workflows is named', () => {
  const other = SHA.replace('3', '4')
  const texts = [workflow(), workflow().replace(SHA, other)]
  expect(pinsThatDiffer(texts)).toEqual([`actions/checkout is pinned differently: ${SHA} (v7.0.1), ${other} (v7.0.1)`])
  expect(pinsThatDiffer([workflow(), workflow().replace('v7.0.1', 'v7.0.2')])).toHaveLength(1)
  expect(pinsThatDiffer([workflow(), workflow()])).toEqual([])
})
