/**
 * Resource reader: where a record came from, by what the shipper says of Kubernetes and what the record says itself. A
 * pod writes many records: what they say alike is one object, so that a later stage need not look at it anew for each.
 */
import type { Resource } from '../record.ts'
import {
  CONTAINER_KEYS,
  ENVIRONMENT_KEYS,
  HOST_KEYS,
  IMAGE_KEYS,
  LABEL_SERVICE_KEYS,
  NAMESPACE_KEYS,
  NODE_KEYS,
  POD_KEYS,
  RESOURCE_BITS,
  VERSION_KEYS,
} from './field-names.ts'
import { asFields, asString, type Fields, type Flat, firstString } from './fields.ts'

const MAX_VALUE_CHARS = 253
const MAX_LABELS = 40
const IMAGE_TAG = /:([\w][\w.-]{0,127})$/

export interface Origin {
  readonly resource: Resource
  /** The service by the labels of the pod. */
  readonly labelled: string | undefined
  /** The container as Kubernetes names it. */
  readonly containerName: string | undefined
}

/** The texts that an origin is made of, as they were read. */
interface Given {
  readonly namespace: string | undefined
  readonly pod: string | undefined
  readonly container: string | undefined
  readonly node: string | undefined
  readonly host: string | undefined
  readonly environment: string | undefined
  readonly version: string | undefined
  readonly image: string | undefined
  readonly containerName: string | undefined
  readonly labels: Fields | undefined
}

interface Known {
  readonly given: Given
  readonly labelNames: readonly string[]
  readonly origin: Origin
}

/** By pod; the containers of a pod are told apart by comparison. */
const known = new Map<string, Known[]>()
const MAX_PODS = 2_000
const MAX_OF_POD = 4
/** Texts of one origin: longer ones are read anew each time, so that a log cannot fill the memory. */
const MAX_CHARS = 2_000

export function readOrigin(flat: Flat, kubernetes: Fields | undefined): Origin {
  const given = readGiven(flat, kubernetes)
  const key = given.pod ?? given.host ?? ''
  const group = known.get(key)
  if (group !== undefined) for (const one of group) if (isSame(one, given)) return one.origin
  const origin = originOf(given)
  if (charsOf(given) <= MAX_CHARS) remember(key, group, { given, labelNames: Object.keys(given.labels ?? {}), origin })
  return origin
}

function remember(key: string, group: Known[] | undefined, one: Known): void {
  if (group === undefined) {
    if (known.size >= MAX_PODS) known.clear()
    known.set(key, [one])
    return
  }
  if (group.length >= MAX_OF_POD) group.shift()
  group.push(one)
}

const charsOf = ({ labels, ...texts }: Given): number =>
  [...Object.values(texts), ...Object.entries(labels ?? {}).flat()].reduce<number>(
    // Labels are texts: what is none is not remembered.
    (sum, value) => sum + (typeof value === 'string' ? value.length : value === undefined ? 0 : MAX_CHARS),
    0,
  )

function readGiven(flat: Flat, kubernetes: Fields = NOTHING): Given {
  // Read by name, one by one: this is done for every record.
  const containerName = asString(kubernetes['container_name'])
  const given: Given = {
    namespace: asString(kubernetes['namespace_name']),
    pod: asString(kubernetes['pod_name']),
    container: containerName,
    node: asString(kubernetes['host']),
    host: undefined,
    environment: undefined,
    version: undefined,
    image: asString(kubernetes['container_image']),
    containerName,
    labels: asFields(kubernetes['labels']),
  }
  // Most records name nothing of this beside what Kubernetes says.
  if ((flat.lists & RESOURCE_BITS) === 0) return given
  return {
    ...given,
    namespace: given.namespace ?? firstString(flat, NAMESPACE_KEYS),
    pod: given.pod ?? firstString(flat, POD_KEYS),
    container: given.container ?? firstString(flat, CONTAINER_KEYS),
    node: given.node ?? firstString(flat, NODE_KEYS),
    host: firstString(flat, HOST_KEYS),
    environment: firstString(flat, ENVIRONMENT_KEYS),
    version: firstString(flat, VERSION_KEYS),
    image: given.image ?? firstString(flat, IMAGE_KEYS),
  }
}

const NOTHING: Fields = {}

const isSame = ({ given: a, labelNames }: Known, b: Given): boolean =>
  a.pod === b.pod &&
  a.containerName === b.containerName &&
  a.container === b.container &&
  a.namespace === b.namespace &&
  a.node === b.node &&
  a.host === b.host &&
  a.environment === b.environment &&
  a.version === b.version &&
  a.image === b.image &&
  sameLabels(labelNames, a.labels, b.labels)

/** The same texts in the same order. */
function sameLabels(names: readonly string[], a: Fields = NOTHING, b: Fields = NOTHING): boolean {
  let i = 0
  for (const name in b) {
    if (names[i] !== name || a[name] !== b[name]) return false
    i++
  }
  return i === names.length
}

function originOf(given: Given): Origin {
  const { labels, image } = given
  const tag = image === undefined ? undefined : IMAGE_TAG.exec(image)?.[1]
  const version =
    asString(labels?.['app.kubernetes.io/version']) ?? given.version ?? (tag === 'latest' ? undefined : tag)
  const { namespace, pod, container, node, host, environment } = given
  const resource: Record<string, string | Record<string, string>> = {}
  for (const [name, value] of Object.entries({ namespace, pod, container, node, host, environment, version, image }))
    if (value !== undefined && value !== '') resource[name] = value.slice(0, MAX_VALUE_CHARS)
  const texts = Object.entries(labels ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value.slice(0, MAX_VALUE_CHARS)] as const] : [],
  )
  if (texts.length > 0) resource['labels'] = Object.fromEntries(texts.slice(0, MAX_LABELS))
  return { resource, labelled: labelledService(resource), containerName: given.containerName }
}

function labelledService({ labels }: Resource): string | undefined {
  for (const name of LABEL_SERVICE_KEYS) if (labels?.[name] !== undefined) return labels[name]
  return undefined
}
