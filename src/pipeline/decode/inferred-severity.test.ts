import { expect, it } from 'vitest'
import { inferSeverity } from './inferred-severity.ts'

it.each([
  ['FATAL', '# A fatal error has been detected by the Java Runtime Environment:'],
  ['FATAL', 'Terminating due to java.lang.OutOfMemoryError: Java heap space'],
  ['FATAL', 'mysqld got signal 11 ;'],
  ['FATAL', 'Redis 7.2.4 crashed by signal: 11, si_code: 1'],
  ['FATAL', '2026/01/20 - 10:00:14 panic recovered:'],
  ['FATAL', 'Found one Java-level deadlock:'],
  ['INFO', 'the panic button was pressed'],
  ['INFO', 'a process that got a signal ended'],
])('%s: %s', (level, message) => {
  expect(inferSeverity(message, false).text).toBe(level)
})
