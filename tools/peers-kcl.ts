/**
 * Installs the jars of the KCL for the peer tests, by the code that "cali kcl install" runs. Idempotent; needs Maven. The
 * folder is CALI_PEERS_CACHE, or .cache/cali-peers in the home folder.
 */
import { installJars } from '../src/app/kcl-jars.ts'
import { kclJarsFolder } from '../test/peers/kcl-worker.ts'

try {
  console.log(`${await installJars(kclJarsFolder(), () => undefined)} jars of the KCL: are there (${kclJarsFolder()})`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
