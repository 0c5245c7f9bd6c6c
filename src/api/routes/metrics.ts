/** Metrics for Prometheus: the ledger and the outbox as they are at the scrape. */
import type { FastifyInstance } from 'fastify'
import { Gauge, Registry } from 'prom-client'
import type { System } from '../../app/system.ts'
import { productVersion } from '../../app/version.ts'
import { ledgerFaults, STAGES } from '../../pipeline/outcome.ts'
import { percentile } from './pipeline.ts'

export function metricRoutes(app: FastifyInstance, system: System): void {
  const registry = new Registry()
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const records = gauge('cali_records_total', 'Records by stage and outcome since the beginning', [
    'stage',
    'outcome',
    'reason',
  ])
  const balanced = gauge('cali_ledger_balanced', '1 when received = kept + dropped + rejected at every stage')
  const lag = gauge('cali_kinesis_lag_seconds', 'How far the consumer is behind the stream, by shard', ['shard'])
  const ackedUntil = gauge(
    'cali_kinesis_acknowledged_until_seconds',
    'Watermark: Unix time of arrival up to which a shard is acknowledged',
    ['shard'],
  )
  const lastRecord = gauge('cali_kinesis_last_record_seconds', 'Unix time of arrival of the last record read', [
    'shard',
  ])
  const unarchived = gauge('cali_archive_pending_records', 'Records that wait for their archive object')
  const connections = gauge('cali_postgres_connections', 'Connections of this process to PostgreSQL', ['state'])
  const pending = gauge('cali_outbox_pending', 'Messages that wait to be sent or edited')
  const indexUp = gauge('cali_index_up', '1 when the log index takes writes, 0 while it is away')
  const debtRecords = gauge('cali_index_debt_records', 'Lines that are in the archive and still owed to the log index')
  const debtAge = gauge('cali_index_debt_age_seconds', 'Age of the oldest line that is owed to the log index')
  const latency = gauge('cali_line_to_message_seconds', 'From the line to its first message, recent incidents', [
    'quantile',
  ])
  const probeSuccess = gauge(
    'cali_probe_last_success_seconds',
    'Unix time at which the last synthetic error reached the outbox; 0: none has',
  )
  const probeLatency = gauge('cali_probe_latency_seconds', 'From that line to the outbox')
  gauge('cali_build_info', 'Version of the program', ['version']).set({ version: productVersion }, 1)

  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const now = system.clock.now()
    const [ledger, outbox, debt, probe] = await Promise.all([
      system.ledger(),
      system.state.outbox.status(now),
      system.state.indexDebts.status(),
      system.state.probes.status(),
    ])
    records.reset()
    for (const stage of STAGES) {
      const tally = ledger[stage]
      records.set({ stage, outcome: 'received', reason: '' }, tally.received)
      records.set({ stage, outcome: 'kept', reason: '' }, tally.kept)
      for (const [reason, count] of Object.entries(tally.dropped))
        records.set({ stage, outcome: 'dropped', reason }, count)
      for (const [reason, count] of Object.entries(tally.rejected))
        records.set({ stage, outcome: 'rejected', reason }, count)
    }
    balanced.set(ledgerFaults(ledger).length === 0 ? 1 : 0)
    lag.reset()
    ackedUntil.reset()
    lastRecord.reset()
    for (const { source } of system.sources) {
      for (const { shard, lagMs, ackedUntil: until, lastRecordAt } of source.status()) {
        lag.set({ shard }, (lagMs ?? 0) / 1000)
        if (until !== undefined) ackedUntil.set({ shard }, until / 1000)
        if (lastRecordAt !== undefined) lastRecord.set({ shard }, lastRecordAt / 1000)
      }
    }
    unarchived.set(system.archive.stats.pendingRecords)
    for (const [state, n] of Object.entries(system.state.pool?.() ?? {})) connections.set({ state }, n)
    pending.set(outbox.pending)
    indexUp.set(system.indexing.status().state === 'ok' ? 1 : 0)
    debtRecords.set(debt.records)
    debtAge.set(debt.oldestAt === undefined ? 0 : Math.max(0, now - debt.oldestAt) / 1000)
    probeSuccess.set((probe.arrived?.at ?? 0) / 1000)
    probeLatency.set(probe.arrived === undefined ? 0 : Math.max(0, probe.arrived.at - probe.arrived.sentAt) / 1000)
    for (const quantile of [0.5, 0.95])
      latency.set({ quantile: String(quantile) }, percentile(outbox.lineToMessageMs, quantile) / 1000)
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
