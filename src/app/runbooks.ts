import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundledRunbooks, readRunbookFolder } from '../knowledge/knowledge-base.ts'
import type { Runbook } from '../pipeline/knowledge.ts'
import type { Config } from './config.ts'

/** The team's own pages: those added with `cali kb add`, and the configured folders. */
export function ownRunbooks(config: Config): Runbook[] {
  const added = join(config.dataDir, 'runbooks')
  return [...(existsSync(added) ? [added] : []), ...config.knowledge.dirs].flatMap((dir) => readRunbookFolder(dir, dir))
}

/** All pages of this process: those that come with CALI, and the team's, which replace them. */
export const allRunbooks = (config: Config): Runbook[] => [
  ...readRunbookFolder(bundledRunbooks(), 'bundled'),
  ...ownRunbooks(config),
]
