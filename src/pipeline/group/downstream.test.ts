import { describe, expect, it } from 'vitest'
import { recordOf } from '../../../test/support/records.ts'
import { calleesOf, downstreamOf, stemOfService } from './downstream.ts'

describe('the address that could not be reached', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.5:5432', '10.0.0.5:5432'],
    ['Connection to db.prod.internal:5432 refused. Check that the hostname is correct', 'db.prod.internal:5432'],
    ['dial tcp 10.1.2.3:6379: connect: connection refused, connection refused', '10.1.2.3:6379'],
    ['could not connect to Kafka-0.kafka:9092 after 3 attempts', 'kafka-0.kafka:9092'],
    ['request to http://payment-service:8080/pay timed out', 'payment-service:8080'],
    ['결제 서버 payment:8080에 연결할 수 없습니다', 'payment:8080'],
  ])('%s is %s', (message, address) => expect(downstreamOf(recordOf({ message }))).toBe(address))

  it('is read from the root cause of an exception first', () => {
    const exception = {
      type: 'OrderFailed',
      message: 'order 1 failed',
      language: 'java' as const,
      frames: [],
      causes: [{ type: 'java.net.ConnectException', message: 'Connection refused: db:5432', frames: [] }],
    }
    expect(downstreamOf(recordOf({ message: 'order 1 failed', exception }))).toBe('db:5432')
  })

  it.each([
    'order 17:30 failed',
    'listening on 0.0.0.0:8080',
    'java.lang.NullPointerException at Orders.java:120',
    'request timed out after 30000ms',
    'see http://wiki:8080/x',
    'connect ECONNREFUSED localhost:6379',
    'dial tcp: lookup foo.example.com on 10.96.0.10:53: i/o timeout',
  ])('is unknown for %s', (message) => expect(downstreamOf(recordOf({ message }))).toBeUndefined())

  it('costs little for hostile text', () => {
    const started = performance.now()
    downstreamOf(recordOf({ message: `timeout ${'a-'.repeat(50_000)}` }))
    downstreamOf(recordOf({ message: `timeout ${'a.'.repeat(50_000)}:` }))
    expect(performance.now() - started).toBeLessThan(100)
  })
})

describe('the services whose call failed', () => {
  it.each([
    ['com.shop.order.client.InventoryClient - Stock lookup gave up after 3011 ms', ['inventory']],
    [
      'FeignException$GatewayTimeout: [504 Gateway Timeout] during [GET] to [http://order-service:8080/x] [OrderClient#confirm]',
      ['order'],
    ],
    ['upstream inventory-service answered 503', ['inventory']],
    ['재고 서비스 inventory-api 호출 실패: 시간 초과', ['inventory']],
  ])('%s', (body, services) => expect(calleesOf({ body, service: 'payment-service' })).toEqual(services))

  it.each([
    ['own client: PaymentClient gave up after 3 s', 'its own name is no callee'],
    ['InventoryClient returned 3 items', 'a call that did not fail'],
    ['order 1 failed', 'no service is named'],
    ['WebClient request timed out', 'a client of no service'],
  ])('none in: %s (%s)', (body) => expect(calleesOf({ body, service: 'payment-service' })).toEqual([]))

  it('are compared by their stems', () => {
    expect(['order-service', 'OrderService', 'order_svc', 'order'].map(stemOfService)).toEqual(Array(4).fill('order'))
  })
})
