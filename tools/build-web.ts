/** Builds the dashboard when its sources are newer than the build. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const web = fileURLToPath(new URL('../web/', import.meta.url))

function newest(folder: string): number {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  }
  return latest
}

const sources = Math.max(
  newest(join(web, 'src')),
  ...['index.html', 'vite.config.ts'].map((name) => statSync(join(web, name)).mtimeMs),
)
const built = (() => {
  try {
    return statSync(join(web, 'dist', 'index.html')).mtimeMs
  } catch {
    return 0
  }
})()

if (built < sources) {
  const { build } = await import('vite')
  await build({ root: web, logLevel: 'error' })
}
