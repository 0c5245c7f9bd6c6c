/** Lifecycle: things that start are stopped once, in reverse order, and `stop` returns only when all have stopped. */
export interface Stoppable {
  /** Idempotent. */
  stop(): Promise<void>
}

export interface Lifecycle extends Stoppable {
  /** Registers what must be stopped; the last one registered stops first. */
  own(name: string, stop: () => Promise<void> | void): void
  readonly stopping: AbortSignal
}

export function createLifecycle(onError: (name: string, error: unknown) => void): Lifecycle {
  const owned: { name: string; stop: () => Promise<void> | void }[] = []
  const controller = new AbortController()
  let stopped: Promise<void> | undefined
  const stopAll = async (): Promise<void> => {
    controller.abort()
    for (let next = owned.pop(); next !== undefined; next = owned.pop()) {
      try {
        await next.stop()
      } catch (error) {
        onError(next.name, error)
      }
    }
  }
  return {
    own: (name, stop) => void owned.push({ name, stop }),
    stopping: controller.signal,
    stop: () => {
      stopped ??= stopAll()
      return stopped
    },
  }
}
