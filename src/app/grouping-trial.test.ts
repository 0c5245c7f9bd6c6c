import { expect, it } from 'vitest'
import { tryGrouping } from './grouping-trial.ts'

const LINES = [
  '2026-01-20 20:00:00.123 ERROR [order-service] tenant=acme quota used up',
  '2026-01-20 20:00:01.123 ERROR [order-service] write refused for tenant=acme',
  '2026-01-20 20:00:02.123 ERROR [order-service] java.lang.IllegalStateException: closed',
  '\tat com.shop.Orders.place(Orders.java:12)',
  '2026-01-20 20:00:03.123 ERROR [cart-service] write refused for tenant=globex',
]

it('shows what rules would join, beside what comes without them', async () => {
  const trial = await tryGrouping(
    LINES,
    {
      fingerprints: [
        { id: 'tenant', pattern: 'tenant=(\\w+)', fingerprint: '{1}' },
        { id: 'never', services: ['x'], fingerprint: 'x' },
      ],
      inApp: [],
    },
    540,
  )
  expect(trial).toMatchObject({ events: 4, groupsWithout: 4, groupsWith: 3, byRule: { tenant: 3, never: 0 } })
  expect(trial.groups[0]).toMatchObject({ events: 2, without: 2, basis: 'rule' })
})

it('without rules both are the same', async () => {
  const trial = await tryGrouping(LINES, { fingerprints: [], inApp: [] }, 540)
  expect(trial.groupsWith).toBe(trial.groupsWithout)
})
