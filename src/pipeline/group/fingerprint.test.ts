import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameOf, recordOf } from '../../../test/support/records.ts'
import type { Fingerprint } from '../incident.ts'
import type { ExceptionChain, LogRecord } from '../record.ts'
import { createFingerprinter } from './fingerprint.ts'

const fingerprintOf = (record: LogRecord): Fingerprint => createFingerprinter()([record])[0] as Fingerprint

const JAVA = [
  'com.zaxxer.hikari.pool.HikariPool.getConnection',
  'com.shop.OrderRepository.save',
  'com.shop.OrderService$$SpringCGLIB$$0.place',
  'com.shop.OrderController.lambda$post$1',
]

const chainOf = (
  frames: readonly string[],
  type = 'java.sql.SQLTransientException',
  causes: ExceptionChain['causes'] = [],
): ExceptionChain => ({
  type,
  message: 'no connection',
  language: 'java',
  frames: frames.map(frameOf),
  causes,
})

const idOf = (exception: ExceptionChain, service = 'order-service', message = 'order 17 failed'): string =>
  fingerprintOf(recordOf({ exception, service, message })).id

describe('the fingerprint of an exception', () => {
  it('stays when a build moves lines and a run makes new proxies, lambdas and addresses', () => {
    const known = idOf(chainOf(JAVA.map((frame) => `${frame} (X.java:1)`)))
    fc.assert(
      fc.property(fc.nat(9_999), fc.nat(99), fc.nat(1_000_000), (line, suffix, order) => {
        const frames = JAVA.map(
          (frame) => `${frame.replace(/\$\d$/, `$${suffix}`).replace('$$0', `$$${suffix}`)} (Y.java:${line})`,
        )
        expect(idOf(chainOf(frames), 'order-service', `order ${order} failed`)).toBe(known)
      }),
    )
  })

  it('stays when only library frames change, as an upgrade does', () => {
    const own = JAVA.slice(1)
    expect(idOf(chainOf(['org.hibernate.A.b', ...own]))).toBe(
      idOf(chainOf(['com.zaxxer.hikari.C.d', 'java.lang.X.y', ...own])),
    )
  })

  it("changes with a function of the team's own", () => {
    expect(idOf(chainOf([...JAVA, 'com.shop.Batch.run']))).not.toBe(idOf(chainOf(JAVA)))
    expect(idOf(chainOf(JAVA.map((frame) => frame.replace('save', 'find'))))).not.toBe(idOf(chainOf(JAVA)))
  })

  it('changes with the type of the exception or of its cause', () => {
    const cause = { type: 'java.net.SocketTimeoutException', message: '', frames: [] }
    const ids = [
      idOf(chainOf(JAVA)),
      idOf(chainOf(JAVA, 'java.lang.IllegalStateException')),
      idOf(chainOf(JAVA, undefined, [cause])),
      idOf(chainOf(JAVA, undefined, [{ ...cause, type: 'java.net.ConnectException' }])),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is one per service', () => {
    expect(idOf(chainOf(JAVA), 'order-service')).not.toBe(idOf(chainOf(JAVA), 'payment-service'))
  })

  it('does not read the message, whose words may hold a name', () => {
    expect(idOf(chainOf(JAVA), 'order-service', '김철수님의 주문 실패')).toBe(
      idOf(chainOf(JAVA), 'order-service', '박영희 주문 실패'),
    )
  })

  it('says why in words', () => {
    const { basis, explanation } = fingerprintOf(recordOf({ exception: chainOf(JAVA) }))
    expect(basis).toBe('exception')
    expect(explanation).toEqual([
      'exception java.sql.SQLTransientException',
      'frame com.shop.OrderRepository.save',
      'frame com.shop.OrderService.place',
      'frame com.shop.OrderController.lambda$post',
    ])
  })
})

describe('the fingerprint of a message without a stack trace', () => {
  const messageId = (message: string, service = 'order-service'): string =>
    fingerprintOf(recordOf({ message, service })).id

  it('stays when its parameters change', () => {
    expect(messageId('order 17 failed after 30ms')).toBe(messageId('order 99 failed after 1s'))
    expect(messageId('주문 ORD-20260120-000123을 처리하지 못했습니다')).toBe(
      messageId('주문 ORD-20260120-000999를 처리하지 못했습니다'),
    )
  })

  it('changes with its words and its service', () => {
    expect(messageId('order 17 failed')).not.toBe(messageId('order 17 lost'))
    expect(messageId('주문 17 실패')).not.toBe(messageId('주문 17 취소'))
    expect(messageId('order 17 failed')).not.toBe(messageId('order 17 failed', 'payment-service'))
  })

  it('is 16 hex digits that no release may change by accident', () => {
    expect(messageId('order 17 failed')).toBe(messageId('order 17 failed'))
    expect(fingerprintOf(recordOf({ message: 'order 17 failed' }))).toMatchObject({
      id: '9f2d5e1a29a31541',
      basis: 'template',
      template: 'order <num> failed',
    })
  })
})
