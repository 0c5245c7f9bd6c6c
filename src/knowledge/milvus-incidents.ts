/**
 * Milvus incidents: past incidents searched by their words beyond the newest that the state is asked for. Milvus gives
 * ids; what is told of an incident is read from the state.
 */
import type { Incident } from '../pipeline/incident.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { createCircuit } from './circuit.ts'
import { CANDIDATES } from './fusion.ts'
import { rowOfIncident } from './knowledge-rows.ts'
import type { Milvus } from './milvus-client.ts'
import { ensureCollection, incidentsOf } from './milvus-schema.ts'
import { pagesByWords } from './milvus-search.ts'
import { readHeld, writeRows } from './milvus-sync.ts'
import { incidentTerms } from './past-incidents.ts'
import { within } from './within.ts'

export interface MilvusIncidents {
  /** Writes those that are not there yet or read differently now; returns how many. Throws a CaliError. */
  sync(incidents: readonly Incident[]): Promise<number>
  /** Ids of incidents that share words with this one, likeliest first. Throws a CaliError, at once while Milvus is down. */
  candidates(incident: Incident): Promise<readonly string[]>
}

export function createMilvusIncidents(deps: {
  readonly milvus: Milvus
  readonly alias: string
  readonly tenant: string
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
}): MilvusIncidents {
  const { milvus, tenant } = deps
  const collection = incidentsOf(deps.alias)
  const circuit = createCircuit('milvus incidents', deps.clock, deps.logger)
  return {
    sync: async (incidents) => {
      await ensureCollection(milvus, collection, undefined)
      const rows = incidents.map((incident) =>
        rowOfIncident({ ...incident, terms: incidentTerms(incident) }, tenant, deps.clock.now()),
      )
      const held = new Map(
        (
          await readHeld(
            milvus,
            collection,
            rows.map((row) => row.id),
          )
        ).map(({ id, hash }) => [id, hash]),
      )
      const changed = rows.filter((row) => held.get(row.id) !== row.hash)
      await writeRows(milvus, collection, changed)
      circuit.recovered()
      return changed.length
    },
    candidates: (incident) =>
      circuit.run(() =>
        within(deps.timeoutMs, () =>
          pagesByWords(
            milvus,
            collection,
            tenant,
            new Map(incidentTerms(incident).map((term) => [term, 1])),
            ['incident'],
            CANDIDATES,
          ),
        ),
      ),
  }
}
