/** npm audit, failing on high findings; a registry that has no audit service is a loud skip, not a pass. */
import { spawnSync } from 'node:child_process'

const npm = process.env['npm_execpath']
const run =
  npm === undefined
    ? spawnSync('npm', ['audit', '--json'], { encoding: 'utf8' })
    : spawnSync(process.execPath, [npm, 'audit', '--json'], { encoding: 'utf8' })
const report = (() => {
  try {
    return JSON.parse(run.stdout) as {
      metadata?: { vulnerabilities?: Record<string, number> }
      vulnerabilities?: Record<string, { severity: string }>
    }
  } catch {
    return {}
  }
})()
const found = report.metadata?.vulnerabilities
if (found === undefined) {
  console.warn('SKIPPED: the package registry in use answers no audit request; run "npm audit" where it does')
} else {
  const bad = Object.entries(report.vulnerabilities ?? {}).filter(
    ([, entry]) => entry.severity === 'high' || entry.severity === 'critical',
  )
  for (const [name, entry] of bad) console.error(`${name}: ${entry.severity}`)
  console.log(
    `npm audit: ${bad.length} high or critical of ${Object.values(found).reduce((sum, n) => sum + n, 0)} findings`,
  )
  process.exitCode = bad.length === 0 ? 0 : 1
}
