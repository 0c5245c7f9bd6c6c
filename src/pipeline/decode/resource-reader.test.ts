import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fields, flatten } from './fields.ts'
import { readOrigin } from './resource-reader.ts'

const block = (more: Fields = {}): Fields => ({
  pod_name: 'order-1',
  namespace_name: 'shop',
  container_name: 'app',
  host: 'node-1',
  container_image: 'shop/order:1.2.3',
  labels: { app: 'order', tier: 'web' },
  ...more,
})
const originOf = (kubernetes: Fields, fields: Fields = {}) => readOrigin(flatten(fields), kubernetes)

describe('the origin of records', () => {
  it('is one object for all records of a container', () => {
    expect(originOf(block())).toBe(originOf(block()))
    expect(originOf(block(), { env: 'prod' })).toBe(originOf(block(), { env: 'prod' }))
  })

  it.each([
    ['the namespace', { namespace_name: 'other' }, 'namespace'],
    ['the container', { container_name: 'sidecar' }, 'container'],
    ['the node', { host: 'node-2' }, 'node'],
    ['the version of the image', { container_image: 'shop/order:1.2.4' }, 'version'],
    ['a label', { labels: { app: 'order', tier: 'batch' } }, 'labels'],
    ['the order of labels', { labels: { tier: 'web', app: 'order' } }, 'labels'],
    ['a missing label', { labels: { app: 'order' } }, 'labels'],
    ['one more label', { labels: { app: 'order', tier: 'web', team: 'a' } }, 'labels'],
  ] as const)('is another one when %s differs', (_name, more, property) => {
    const [one, other] = [originOf(block()), originOf(block(more))]
    expect(JSON.stringify(other.resource[property])).not.toBe(JSON.stringify(one.resource[property]))
  })

  it('is what its own record says, whatever other records of the pod said before', () => {
    const text = fc.constantFrom('a', 'b', '')
    const kubernetes = fc.record(
      { pod_name: text, namespace_name: text, container_name: text, host: text, labels: fc.dictionary(text, text) },
      { requiredKeys: [] },
    )
    const fields = fc.record({ env: text, host: text, namespace: text, version: text }, { requiredKeys: [] })
    fc.assert(
      fc.property(fc.array(fc.tuple(kubernetes, fields), { maxLength: 12 }), (records) => {
        for (const [k, f] of records) {
          const { resource } = readOrigin(flatten(f), k)
          const first = (...texts: (string | undefined)[]) => texts.find((one) => one !== undefined && one !== '')
          expect(resource).toEqual(
            Object.fromEntries(
              Object.entries({
                namespace: first(k.namespace_name, f.namespace),
                pod: first(k.pod_name),
                container: first(k.container_name),
                node: first(k.host),
                host: first(f.host),
                environment: first(f.env),
                version: first(f.version),
                labels: Object.keys(k.labels ?? {}).length === 0 ? undefined : k.labels,
              }).filter(([, found]) => found !== undefined),
            ),
          )
        }
      }),
      { numRuns: 300 },
    )
  })
})
