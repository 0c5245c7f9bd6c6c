/**
 * Wires: between a worker and the world. A call may fail before it took effect, or after (its answer is lost); a worker
 * that is frozen makes no call until it wakes, one that is dead makes none any more.
 */
import { CaliError } from '../../src/platform/error.ts'
import type { Chance } from './random.ts'

export interface Wire {
  /** Share of calls that fail, by the name of what is called; half of them after they took effect. */
  readonly faults: Map<string, number>
  freeze(): void
  thaw(): void
  kill(): void
  readonly alive: boolean
}

export interface WireEnd extends Wire {
  /** The same object, reached over the wire. */
  through<T extends object>(name: string, target: T): T
}

export function createWire(chance: Chance): WireEnd {
  const faults = new Map<string, number>()
  let dead = false
  let frozen: { promise: Promise<void>; resolve: () => void } | undefined

  const pass = async (name: string, call: () => unknown): Promise<unknown> => {
    await gate()
    const share = faults.get(name) ?? 0
    const fails = share > 0 && chance.happens(share)
    if (fails && chance.happens(0.5)) throw lost(name)
    const answer = await call()
    // It may have been frozen or killed while the call was under way: the effect is there, the answer is not heard.
    await gate()
    if (fails) throw lost(name)
    return answer
  }

  const gate = async (): Promise<void> => {
    while (frozen !== undefined) await frozen.promise
    if (dead) await new Promise(() => undefined)
  }

  return {
    faults,
    get alive() {
      return !dead
    },
    freeze: () => {
      frozen ??= Promise.withResolvers<void>()
    },
    thaw: () => {
      frozen?.resolve()
      frozen = undefined
    },
    kill: () => {
      dead = true
      frozen?.resolve()
      frozen = undefined
    },
    through: (name, target) =>
      new Proxy(target, {
        get: (object, key) => {
          const value: unknown = Reflect.get(object, key)
          if (typeof value !== 'function') return value
          // Lists are read step by step: a fault at the beginning is enough.
          if (key === 'list' && name === 'archive')
            return async function* (...args: unknown[]) {
              await pass(name, () => undefined)
              yield* value.apply(object, args) as AsyncIterable<unknown>
            }
          return (...args: unknown[]) => pass(name, () => value.apply(object, args))
        },
      }),
  }
}

const lost = (name: string): CaliError =>
  new CaliError(`${name}_away`, `${name}: the connection was lost`, { retryable: true })
