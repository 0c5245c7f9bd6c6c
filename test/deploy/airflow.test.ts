import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

/** What tests/static_check.py prints. */
interface Found {
  readonly faults: readonly string[]
  readonly commands: readonly { file: string; line: number; words: readonly string[]; options: readonly string[] }[]
}

const checker = fileURLToPath(new URL('../../deploy/airflow/tests/static_check.py', import.meta.url))
const bin = fileURLToPath(new URL('../../bin/cali.js', import.meta.url))
const python = ['python3', 'python'].find((program) => {
  // From 3.10 on Python knows the names of its own library, which the check asks for.
  const code = 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)'
  return spawnSync(program, ['-c', code]).status === 0
})
const needsPython = python === undefined ? ' (SKIPPED: no Python from 3.10 on was found)' : ''
const scratch = mkdtempSync(join(tmpdir(), 'cali-airflow-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function check(...folder: string[]): Found {
  const run = spawnSync(python ?? '', [checker, ...folder], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONUTF8: '1' },
  })
  expect(run.stderr).toBe('')
  return JSON.parse(run.stdout) as Found
}

function help(words: readonly string[]): string {
  const run = spawnSync(process.execPath, [bin, ...words, '--help'], { encoding: 'utf8' })
  expect(run.status).toBe(0)
  return run.stdout
}

const commands = python === undefined ? [] : check().commands
/** Of `kb search "question"`, the part that --help may follow. */
const commandOf = (words: readonly string[]): readonly string[] => words.slice(0, 2)
const isThere = (words: readonly string[]): boolean =>
  new RegExp(`^Usage: cali ${words.join(' ')}(?: |$)`, 'm').test(help(words))

test.skipIf(python === undefined)(`the DAG files import little and do nothing when they are read${needsPython}`, () => {
  expect(check().faults).toEqual([])
})

test.skipIf(python === undefined)(`the check of the DAG files finds an old import${needsPython}`, () => {
  writeFileSync(join(scratch, 'old.py'), 'from airflow.decorators import dag\n')
  expect(check(scratch)).toEqual({ faults: ['old.py:1: imports airflow.decorators'], commands: [] })
})

test.skipIf(python === undefined)(`the DAGs run the commands that they are told to run for${needsPython}`, () => {
  expect(commands.map(({ words }) => commandOf(words).join(' ')).sort()).toEqual(
    ['archive compact', 'archive verify', 'kb search', 'kb sync', 'report weekly'].sort(),
  )
})

for (const { file, line, words, options } of commands) {
  const command = commandOf(words)
  const title = `${file}: cali ${command.join(' ')} takes ${options.join(', ') || 'no option'}`
  const there = isThere(command)
  test.skipIf(!there)(`${title}${there ? '' : ' (SKIPPED: this version has no such command)'}`, () => {
    const text = help(command)
    for (const option of options)
      expect(text, `${file}:${line}`).toMatch(new RegExp(`^ +(?:-\\w, )?${option}(?: |$)`, 'm'))
  })
}
