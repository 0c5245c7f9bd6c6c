import type { Language } from '../pipeline/record.ts'
import type { Random } from './random.ts'

const SERVICES = [
  { name: 'order-service', language: 'java', version: '2.31.4', pods: 3 },
  { name: 'payment-service', language: 'java', version: '1.14.1', pods: 3 },
  { name: 'inventory-service', language: 'java', version: '1.8.2', pods: 2 },
  { name: 'user-service', language: 'node', version: '3.7.0', pods: 2 },
  { name: 'auth-service', language: 'node', version: '4.2.1', pods: 2 },
  { name: 'shipping-service', language: 'python', version: '0.19.3', pods: 2 },
  { name: 'notification-service', language: 'python', version: '0.11.0', pods: 2 },
] as const satisfies readonly { name: string; language: Language; version: string; pods: number }[]

export type ServiceName = (typeof SERVICES)[number]['name']

/** Where a line was written: the Kubernetes facts of a GeneratedEvent. */
interface Placement {
  readonly pod: string
  readonly node: string
  readonly container: string
  readonly namespace: string
  readonly version: string
  readonly image: string
}

export interface Fleet {
  place(service: ServiceName, at: number): Placement
  /** Always the same pod of the release that runs at that time: for faults of one machine. */
  placeFirst(service: ServiceName, at: number): Placement
  /** From `at` on, the service runs `version` in new pods. Only the first roll-out of a service counts. */
  rollOut(service: ServiceName, version: string, at: number): void
}

const REGISTRY = '123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop'
// Kubernetes draws name suffixes from this alphabet (apimachinery, util/rand): no vowels, no look-alikes.
const SUFFIX = [...'bcdfghjklmnpqrstvwxz2456789']
// A ReplicaSet's part is a decimal number in that alphabet, so only these ten occur.
const HASH = [...'bcdf456789']

export function createFleet(random: Random): Fleet {
  const draw = (alphabet: readonly string[], length: number): string =>
    Array.from({ length }, () => random.pick(alphabet)).join('')
  const nodes = Array.from(
    { length: 5 },
    () => `ip-10-0-${random.int(1, 3)}-${random.int(10, 250)}.ap-northeast-2.compute.internal`,
  )
  const release = (service: ServiceName, version: string, pods: number): readonly Placement[] => {
    const replicaSet = draw(HASH, 10)
    return Array.from({ length: pods }, () => ({
      pod: `${service}-${replicaSet}-${draw(SUFFIX, 5)}`,
      node: random.pick(nodes),
      container: 'app',
      namespace: 'shop',
      version,
      image: `${REGISTRY}/${service}:${version}`,
    }))
  }
  const running = new Map<ServiceName, { before: readonly Placement[]; after: readonly Placement[]; at: number }>(
    SERVICES.map(({ name, version, pods }) => [
      name,
      { before: release(name, version, pods), after: [], at: Infinity },
    ]),
  )
  const pods = (service: ServiceName, at: number): readonly Placement[] => {
    const state = running.get(service)
    if (state === undefined) throw new RangeError(`no service is named "${service}"`)
    return at < state.at ? state.before : state.after
  }
  return {
    place: (service, at) => random.pick(pods(service, at)),
    placeFirst: (service, at) => pods(service, at)[0] as Placement,
    rollOut: (service, version, at) => {
      const state = running.get(service)
      if (state !== undefined && state.at === Infinity) {
        running.set(service, { before: state.before, after: release(service, version, state.before.length), at })
      }
    },
  }
}
