/**
 * A wire between an adapter and its real server that does what networks do. A connection that met a black hole stays in
 * it, as one that a gateway forgot: whoever waits on it waits without end, only new connections are well again.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createChance } from '../chaos/random.ts'

export type WireFault =
  | { readonly kind: 'none' }
  /** Nothing is passed on and nobody is told. */
  | { readonly kind: 'black-hole' }
  /** Connections that are open are reset, new ones at once. */
  | { readonly kind: 'away' }
  /** Resets a share of what is asked: half before the server heard it, half in place of its answer. */
  | { readonly kind: 'resets'; readonly share: number }
  /** Each piece waits this long, both ways. */
  | { readonly kind: 'slow'; readonly ms: number }

export interface FaultProxy {
  readonly port: number
  set(fault: WireFault): void
  /** Connections that a fault has hit. */
  readonly hit: number
  stop(): Promise<void>
}

interface Tie {
  readonly client: Socket
  readonly server: Socket
  forgotten: boolean
  /** The server does what was asked; its answer never arrives. */
  unanswered: boolean
}

export async function startFaultProxy(port: number, seed = 1): Promise<FaultProxy> {
  const chance = createChance(seed)
  const ties = new Set<Tie>()
  const accepted = new Set<Socket>()
  let fault: WireFault = { kind: 'none' }
  let hit = 0

  const cut = (tie: Tie): void => {
    tie.client.resetAndDestroy()
    tie.server.destroy()
    ties.delete(tie)
  }

  const pass = (tie: Tie, to: Socket, piece: Buffer): void => {
    if (tie.forgotten || to.destroyed) return
    if (to === tie.client && tie.unanswered) {
      cut(tie)
      return
    }
    if (fault.kind === 'resets' && to === tie.server && chance.happens(fault.share)) {
      hit++
      if (chance.happens(0.5)) {
        cut(tie)
        return
      }
      tie.unanswered = true
    }
    if (fault.kind === 'slow') setTimeout(() => to.destroyed || to.write(piece), fault.ms)
    else to.write(piece)
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const tie: Tie = {
      client,
      server: connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
      forgotten: fault.kind === 'black-hole',
      unanswered: false,
    }
    ties.add(tie)
    accepted.add(client)
    client.once('close', () => accepted.delete(client))
    if (fault.kind === 'away') cut(tie)
    for (const [from, to] of [
      [client, tie.server],
      [tie.server, client],
    ] as const) {
      from.on('data', (piece: Buffer) => pass(tie, to, piece))
      from.on('end', () => tie.forgotten || to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        if (!tie.forgotten) to.destroy()
        ties.delete(tie)
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')

  return {
    port: (listener.address() as AddressInfo).port,
    get hit() {
      return hit
    },
    set: (next) => {
      fault = next
      for (const tie of [...ties]) {
        if (fault.kind === 'black-hole') {
          tie.forgotten = true
          hit++
        } else if (fault.kind === 'away') {
          hit++
          cut(tie)
        }
      }
    },
    stop: async () => {
      for (const tie of ties) cut(tie)
      // A reset waits until what was written is gone, which a client that no longer reads prevents.
      for (const client of accepted) client.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}
