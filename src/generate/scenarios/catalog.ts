import type { Scenario } from '../scenario.ts'
import { CASCADE } from './cascade.ts'
import { DB_POOL_EXHAUSTED, DEADLOCK_LOSER, DOWNSTREAM_TIMEOUT, NULL_POINTER, OUT_OF_MEMORY } from './java-faults.ts'
import { PAYMENT_DECLINED_KO, STOCK_MISMATCH_KO } from './korean-faults.ts'
import { AUTH_FAILURE, DEPLOY, GATEWAY_TIMEOUT, TYPE_ERROR } from './node-faults.ts'
import { ATTRIBUTE_ERROR, BROKER_DOWN, DISK_FULL } from './python-faults.ts'

/** Every scenario. No two share their innermost in-app frame, so each fault is one incident however they are mixed. */
export const CATALOG: readonly Scenario[] = [
  DB_POOL_EXHAUSTED,
  OUT_OF_MEMORY,
  NULL_POINTER,
  ATTRIBUTE_ERROR,
  DOWNSTREAM_TIMEOUT,
  GATEWAY_TIMEOUT,
  AUTH_FAILURE,
  BROKER_DOWN,
  DISK_FULL,
  DEADLOCK_LOSER,
  PAYMENT_DECLINED_KO,
  STOCK_MISMATCH_KO,
  TYPE_ERROR,
  DEPLOY,
  CASCADE,
]
