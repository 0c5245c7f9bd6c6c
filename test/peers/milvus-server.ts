/** Milvus Lite for a test: its own folder, a free port of the loopback interface. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MILVUS_PACKAGES, MILVUS_VENV } from '../../tools/peers-milvus.ts'
import { hasPackages, venvPython } from '../../tools/python-venv.ts'
import { type ChildServer, startChildServer } from './child-server.ts'

export const milvusMissing = !hasPackages(MILVUS_VENV, MILVUS_PACKAGES)

export interface MilvusServer extends ChildServer {
  readonly address: string
  /** Starts anew on the same data and port, after `kill` or `stop`. */
  again(): Promise<MilvusServer>
  /** Stops, and removes its data. */
  remove(): Promise<void>
}

export function startMilvus(): Promise<MilvusServer> {
  return start(mkdtempSync(join(tmpdir(), 'cali-milvus-')), 0)
}

async function start(folder: string, port: number): Promise<MilvusServer> {
  const script = fileURLToPath(new URL('./milvus_server.py', import.meta.url))
  const server = await startChildServer(venvPython(MILVUS_VENV), [script, folder, String(port)])
  return {
    ...server,
    address: `127.0.0.1:${server.port}`,
    again: () => start(folder, server.port),
    remove: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
