import { createRandom, type Random } from './random.ts'

/** What Kubernetes knows of a pod and a log line does not say. */
interface PodIdentity {
  readonly podId: string
  readonly podIp: string
  readonly dockerId: string
  readonly imageDigest: string
  readonly podTemplateHash: string
}

const MOST_PODS = 1000
const known = new Map<string, PodIdentity>()

/** The same names give the same ids, so two formats of one event agree without carrying them. */
export function identityOf({ pod, image }: { readonly pod: string; readonly image: string }): PodIdentity {
  const before = known.get(pod)
  if (before !== undefined) return before
  const random = randomOf(pod)
  const identity: PodIdentity = {
    podId: uuid(random),
    podIp: `10.0.${random.int(1, 3)}.${random.int(10, 250)}`,
    dockerId: random.hex(64),
    imageDigest: `${image.slice(0, image.lastIndexOf(':'))}@sha256:${randomOf(image).hex(64)}`,
    podTemplateHash: pod.split('-').at(-2) ?? '',
  }
  if (known.size >= MOST_PODS) known.clear()
  known.set(pod, identity)
  return identity
}

/** FNV-1a of the name as the seed. */
function randomOf(name: string): Random {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return createRandom(hash)
}

function uuid(random: Random): string {
  const hex = random.hex(32)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
