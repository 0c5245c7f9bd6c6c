/** One PostgreSQL for the tests of the state, which then run on it as they run on SQLite. */
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres-server.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  project.provide('postgresUrl', server.url)
  return server.stop
}
