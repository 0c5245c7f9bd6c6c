/**
 * Records as Fluent Bit writes them: a line of JSON of about 500 bytes with `log`, `time` and `kubernetes`. Services,
 * pods, messages and ids vary; 5% are errors, 3% warnings, the rest INFO and DEBUG. The same seed gives the same lines.
 */

export interface RecordLine {
  readonly text: string
  readonly level: 'ERROR' | 'WARN' | 'INFO' | 'DEBUG'
}

export interface RecordOptions {
  readonly count: number
  /** Unix milliseconds of the first; 2 ms between two. */
  readonly from: number
  readonly seed?: number
  /** `field`: a parser of the shipper has made it a field. `text`: it stands in the text alone. */
  readonly level?: 'field' | 'text'
}

const SERVICES = ['order', 'payment', 'inventory', 'gateway', 'user', 'shipping', 'search', 'notification']
const NODES = 6
const PODS_PER_SERVICE = 3

/** A whole number from 0 to below `n`. */
type Draw = (n: number) => number

const MESSAGES: Readonly<Record<RecordLine['level'], readonly ((draw: Draw) => string)[]>> = {
  DEBUG: [
    (draw) => `cache ${draw(2) === 0 ? 'hit' : 'miss'} for key product:${draw(90_000)} in ${draw(900)}us`,
    (draw) => `acquired connection ${draw(40)} of 40 after ${draw(12)}ms, ${draw(40)} idle`,
    (draw) => `retry budget ${draw(100)}% of window ${draw(60)}s, breaker closed for ${draw(9_000)}s`,
  ],
  INFO: [
    (draw) =>
      `GET /api/v1/orders/${draw(1e6)} 200 in ${draw(120)}ms, ${draw(9_000)} bytes, from 10.0.${draw(255)}.${draw(255)}`,
    (draw) => `POST /api/v1/payments 201 in ${draw(300)}ms for order ORD-2026-${draw(1e6)} of customer ${draw(5_000)}`,
    (draw) => `order ORD-2026-${draw(1e6)} moved from PAID to PACKED by worker-${draw(16)}`,
    (draw) => `consumed ${draw(500)} messages of topic orders.v2 partition ${draw(24)} up to offset ${draw(1e8)}`,
    (draw) => `scheduled job reindex finished: ${draw(9_000)} documents in ${draw(60_000)}ms, ${draw(3)} skipped`,
    (draw) => `user ${draw(50_000)} signed in from 203.0.113.${draw(255)} with a session of 30 minutes`,
    // What loggers should not write and do.
    (draw) => `mail to user${draw(9_000)}@example.com queued as message ${draw(1e6)}`,
    (draw) => `health check of 12 dependencies passed in ${draw(40)}ms, slowest was redis-${draw(3)}`,
  ],
  WARN: [
    (draw) => `slow query took ${1_000 + draw(9_000)}ms: SELECT * FROM orders WHERE customer_id = ${draw(5_000)}`,
    (draw) => `connection pool at ${80 + draw(20)}%, ${draw(40)} threads wait, longest for ${draw(900)}ms`,
    (draw) => `retry ${1 + draw(3)} of 3 for POST http://payment-service:8080/charge after status 503`,
    (draw) => `cache of ${draw(9_000)} entries is full, ${draw(900)} evicted in the last ${draw(60)}s`,
    (draw) => `rate limit of client ${draw(500)} reached: ${draw(900)} requests in 60s, 429 until ${draw(60)}s`,
    (draw) => `consumer lag of group billing is ${draw(90_000)} on partition ${draw(24)}`,
    (draw) => `deprecated field shippingFee in request ${draw(1e6)} of client ${draw(500)}`,
    (draw) => `response of inventory-service took ${1_000 + draw(9_000)}ms, limit is 1000ms`,
    (draw) => `refused login of user${draw(9_000)}@example.com: password=${draw(1e9).toString(36)}Qz9 is wrong`,
  ],
  ERROR: [
    (draw) =>
      `Order ORD-2026-${draw(1e6)} failed: connection to 10.0.${draw(255)}.7:5432 timed out after ${draw(900)}ms`,
    (draw) =>
      `payment ${draw(1e6)} declined by the gateway: HTTP 502 from https://pg.example.com/v2/charge?id=${draw(1e6)}`,
    (draw) => `cannot reserve ${1 + draw(9)} of sku ${draw(1e5)}: lock wait of ${draw(5_000)}ms exceeded`,
    (draw) =>
      `failed to publish event ${draw(1e6)} to topic orders.v2: leader of partition ${draw(24)} is not available`,
    (draw) => `token refresh for client ${draw(500)} failed: authorization: Bearer ${hex(draw, 40)} was not accepted`,
    (draw) =>
      `cannot render invoice ${draw(1e6)}\njava.lang.IllegalStateException: no address for customer ${draw(5_000)}\n\tat com.shop.invoice.Renderer.render(Renderer.java:88)\n\tat com.shop.invoice.InvoiceJob.run(InvoiceJob.java:41)`,
  ],
}

const hex = (draw: Draw, digits: number): string => Array.from({ length: digits }, () => draw(16).toString(16)).join('')

export function recordLines(options: RecordOptions): RecordLine[] {
  const draw = drawOf(options.seed ?? 1)
  const pods = SERVICES.flatMap((service) => Array.from({ length: PODS_PER_SERVICE }, () => podOf(service, draw)))
  return Array.from({ length: options.count }, (_, i) => {
    const pod = pods[draw(pods.length)] as Pod
    const level = levelOf(i, draw)
    const messages = MESSAGES[level]
    const message = (messages[draw(messages.length)] as (draw: Draw) => string)(draw)
    const at = new Date(options.from + i * 2).toISOString()
    const text = options.level === 'text' ? `${at} ${level} [${pod.kubernetes.container_name}] ${message}` : message
    const record = {
      time: `${at.slice(0, -1)}${String(draw(1e6)).padStart(6, '0')}Z`,
      stream: level === 'ERROR' ? 'stderr' : 'stdout',
      log: text.includes('\n') ? text : `${text} trace_id=${hex(draw, 32)}`,
      ...(options.level === 'text' ? {} : { level }),
      kubernetes: pod.kubernetes,
    }
    return { text: JSON.stringify(record), level }
  })
}

/** Every twentieth is an error, wherever it falls. */
function levelOf(i: number, draw: Draw): RecordLine['level'] {
  if (i % 20 === 7) return 'ERROR'
  const drawn = draw(100)
  return drawn < 3 ? 'WARN' : drawn < 20 ? 'DEBUG' : 'INFO'
}

interface Pod {
  readonly kubernetes: Readonly<Record<string, unknown>> & { readonly container_name: string }
}

function podOf(service: string, draw: Draw): Pod {
  const name = `${service}-service`
  return {
    kubernetes: {
      pod_name: `${name}-7d9f8b6c5d-${draw(36 ** 5)
        .toString(36)
        .padStart(5, '0')}`,
      namespace_name: 'shop',
      labels: { app: name, 'app.kubernetes.io/version': `1.${draw(20)}.${draw(10)}` },
      host: `ip-10-0-${draw(NODES)}-12.ec2.internal`,
      container_name: name,
      container_image: `registry.example.com/shop/${name}:1.4.2`,
    },
  }
}

/** mulberry32, by Tommy Ettinger, in the public domain. */
function drawOf(seed: number): Draw {
  let state = seed
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * n)
  }
}
