/** Installs Milvus Lite, a server that speaks Milvus' protocol, for test/peers: `node tools/peers-milvus.ts`. */
import { installPackages } from './python-venv.ts'

export const MILVUS_VENV = 'milvus-lite-3.2.2'
/** milvus-lite leaves pymilvus out of its requirements and does not start without it. */
export const MILVUS_PACKAGES = { 'milvus-lite': '3.2.2', pymilvus: '3.0.2' }

if (import.meta.main) installPackages(MILVUS_VENV, MILVUS_PACKAGES)
