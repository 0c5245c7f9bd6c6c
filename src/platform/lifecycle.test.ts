import { expect, it } from 'vitest'
import { createLifecycle } from './lifecycle.ts'

const open = () => {
  const events: string[] = []
  const lifecycle = createLifecycle((name, error) => events.push(`${name} failed: ${(error as Error).message}`))
  return { events, lifecycle }
}

it('what was started last stops first, one after the other', async () => {
  const { events, lifecycle } = open()
  for (const name of ['store', 'server', 'source']) {
    lifecycle.own(name, async () => {
      events.push(`${name} stops`)
      await Promise.resolve()
      events.push(`${name} stopped`)
    })
  }
  await lifecycle.stop()
  expect(events).toEqual([
    'source stops',
    'source stopped',
    'server stops',
    'server stopped',
    'store stops',
    'store stopped',
  ])
})

it('everybody is told before the first part stops', async () => {
  const { events, lifecycle } = open()
  lifecycle.stopping.addEventListener('abort', () => events.push('told'))
  lifecycle.own('part', () => void events.push('stopped'))
  await lifecycle.stop()
  expect(events).toEqual(['told', 'stopped'])
})

it('a part that fails to stop does not keep the others', async () => {
  const { events, lifecycle } = open()
  lifecycle.own('store', () => void events.push('store stopped'))
  lifecycle.own('server', () => Promise.reject(new Error('busy')))
  await lifecycle.stop()
  expect(events).toEqual(['server failed: busy', 'store stopped'])
})

it('stopping twice stops once, and both wait for the end', async () => {
  const { lifecycle } = open()
  const { promise, resolve } = Promise.withResolvers<void>()
  let stops = 0
  lifecycle.own('part', () => {
    stops++
    return promise
  })
  const both = Promise.all([lifecycle.stop(), lifecycle.stop()])
  resolve()
  await both
  await lifecycle.stop()
  expect(stops).toBe(1)
})

it('what is registered while the rest stops is stopped, too', async () => {
  const { events, lifecycle } = open()
  lifecycle.own('parent', () => lifecycle.own('late', () => void events.push('late stopped')))
  await lifecycle.stop()
  expect(events).toEqual(['late stopped'])
})
