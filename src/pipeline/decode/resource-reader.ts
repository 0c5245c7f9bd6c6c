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
  if (group !== undefined) for (const one of group) if (isSame(one.given, given)) return one.origin
  const origin = originOf(given)
  if (charsOf(given) <= MAX_CHARS) remember(key, group, { given, origin })
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

function readGiven(flat: Flat, kubernetes: Fields | undefined): Given {
  // Most records name nothing of this beside what the shipper says.
  const named = (flat.lists & RESOURCE_BITS) !== 0
  const ofFlat = (keys: readonly string[]): string | undefined => (named ? firstString(flat, keys) : undefined)
  const ofKubernetes = (key: string): string | undefined => asString(kubernetes?.[key])
  const containerName = ofKubernetes('container_name')
  return {
    namespace: ofKubernetes('namespace_name') ?? ofFlat(NAMESPACE_KEYS),
    pod: ofKubernetes('pod_name') ?? ofFlat(POD_KEYS),
    container: containerName ?? ofFlat(CONTAINER_KEYS),
    node: ofKubernetes('host') ?? ofFlat(NODE_KEYS),
    host: ofFlat(HOST_KEYS),
    environment: ofFlat(ENVIRONMENT_KEYS),
    version: ofFlat(VERSION_KEYS),
    image: ofKubernetes('container_image') ?? ofFlat(IMAGE_KEYS),
    containerName,
    labels: asFields(kubernetes?.['labels']),
  }
}

const isSame = (a: Given, b: Given): boolean =>
  a.pod === b.pod &&
  a.containerName === b.containerName &&
  a.container === b.container &&
  a.namespace === b.namespace &&
  a.node === b.node &&
  a.host === b.host &&
  a.environment === b.environment &&
  a.version === b.version &&
  a.image === b.image &&
  sameLabels(a.labels, b.labels)

/** The same texts in the same order. */
function sameLabels(a: Fields | undefined, b: Fields | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const names = Object.keys(a)
  let i = 0
  for (const name in b) if (names[i++] !== name || a[name] !== b[name]) return false
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
