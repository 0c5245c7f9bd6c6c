/** Capacity plan: from a volume of logs to machines, storage and money. Pure; what it rests on is in docs/en/capacity.md. */
import {
  DATABASE_CLASSES,
  type DatabaseClass,
  PRICE_REGION,
  PRICES,
  type Price,
  type PriceId,
  SEARCH_CLASSES,
  type SearchClass,
} from './capacity-prices.ts'

export type StreamMode = 'on-demand' | 'provisioned'
export type PlanRunner = 'kcl' | 'lambda' | 'poll'

export interface CapacityInput {
  /** Bytes of records a day, as the shipper writes them, before compression. */
  readonly bytesPerDay: number
  readonly lineBytes: number
  /** Shares of all lines, 0 to 1: errors, and what the rules keep; errors are among what is kept. */
  readonly errors: number
  readonly keep: number
  /** Share that is archived: what is kept, and what a rule `archive` adds. */
  readonly archive: number
  readonly archiveDays: number
  readonly indexDays: number
  /** How many times the mean of the day the busiest minutes have. */
  readonly peak: number
  readonly stream: StreamMode
  readonly compressed: boolean
  readonly region: string
  readonly runner: PlanRunner
}

export interface Rate {
  readonly mean: number
  readonly peak: number
}

export interface CostLine {
  readonly price: PriceId
  readonly usd: number
  readonly unit: Price['unit']
  /** Units a month. */
  readonly quantity: number
  readonly monthlyUsd: number
  readonly status: Price['status']
  readonly asOf: string
  readonly source: string
}

export type PlanWarning =
  | { readonly key: 'one_process'; readonly peak: number; readonly most: number }
  | { readonly key: 'other_region'; readonly region: string }
  | { readonly key: 'stream_quota'; readonly megabytes: number }
  | { readonly key: 'shard_quota'; readonly shards: number }
  | { readonly key: 'lambda_objects'; readonly objects: number }
  | { readonly key: 'database'; readonly vcpu: number }
  | { readonly key: 'search_nodes'; readonly nodes: number }

export interface CapacityPlan {
  readonly input: CapacityInput
  readonly lines: Rate
  readonly kept: Rate
  readonly errorLines: Rate
  /** MB a second before and after compression. */
  readonly raw: Rate
  readonly wire: Rate
  readonly stream: { readonly mode: StreamMode; readonly shards: number; readonly retentionHours: number }
  readonly consumer: {
    readonly runner: PlanRunner
    /** Pods, or functions at the same time. */
    readonly count: number
    readonly vcpu: number
    readonly memoryMiB: number
    /** Lines a second that one takes, measured, without headroom. */
    readonly linesPerSecond: number
    readonly maxLeases?: number
  }
  readonly postgres?: DatabaseClass & { readonly storageGB: number; readonly connections: number }
  readonly search:
    | (SearchClass & {
        readonly engine: 'opensearch'
        readonly nodes: number
        readonly primaryGBPerDay: number
        readonly shardsPerDay: number
        readonly storageGB: number
      })
    | { readonly engine: 'sqlite'; readonly storageGB: number }
  readonly archive: {
    readonly place: 's3' | 'folder'
    readonly objectsPerDay: number
    readonly gbPerDay: number
    readonly storageGB: number
  }
  /** Mbit a second. */
  readonly network: { readonly read: Rate; readonly archive: Rate }
  readonly priceRegion: string
  readonly costs: readonly CostLine[]
  readonly monthlyUsd: number
  readonly usdPerGB: number
  readonly warnings: readonly PlanWarning[]
}

const DAY = 86_400
const HOURS = 730
const DAYS = HOURS / 24
const GB = 1e9
const MB = 1e6
/** Half as much again as is needed at the peak: for a lost pod, for what the measurements leave out. */
const HEADROOM = 1.5

// Measured, bench/README.md (2026-11-26): records of 490 bytes, 8% kept; medians while the machine was left alone.
const BENCH_LINE = 490
const PIPELINE_US = 1e6 / 81_000
const KCL_TWO_CORES = { compressed: 78_500, plain: 34_500 }
/** What of a record's time is of every line and what of a kept one (profile of B: 5 µs, and 45 µs for each kept). */
const EVERY_US = 5
const KEPT_US = 45
const BENCH_US = EVERY_US + KEPT_US * 0.08
/** Redacting and archiving a line that no rule keeps: case A with all archived against A. */
const ARCHIVED_US = 1e6 / 56_000 - 1e6 / 206_000
const NODE_MB = 425
const JAVA_MB = 512

// Measured for docs/en/capacity.md (2026-11-26), the same records.
/** One process with SQLite and a folder: 14,400 lines a second at 8% kept; what is behind the pipeline is of the kept. */
const LOCAL_US = 1e6 / 14_400
const LOCAL_KEPT_US = (LOCAL_US - PIPELINE_US) / 0.08
const SQLITE_INDEX_RATIO = 1_516 / 487
const SQLITE_STATE_BYTES = 240
/** Kept events a second that PostgreSQL 15 counts on two shared cores, and bytes of an event id it remembers. */
const POSTGRES_EVENTS = 11_000
const POSTGRES_EVENT_BYTES = 380
/** docs/en/opensearch.md: 4.9 KB in the index for a line of 930 characters. */
const INDEX_RATIO = 4_900 / 930
/** A line as an archived record, before compression; 2.1 measured. */
const RECORD_RATIO = 2.1
/** Cautious: generated lines compress by 8.5, real ones by 3.4 (gzip 1). The archive's zstd is reckoned the same. */
const COMPRESSION = 3.4

// Settings as they are by default.
const REMEMBER_DAYS = 3
const FLUSH_SECONDS = 5
const OBJECT_BYTES = 4 * 1024 * 1024
const POOL = 10
const RETENTION_HOURS = 168
const LEASE_RENEWAL_SECONDS = 10 / 3
const REPLICAS = 1

// Limits of AWS, and assumptions where nothing was measured.
const SHARD_MB = 1
const ON_DEMAND_SHARDS = 4
const PUT_UNIT = 25_000
const LAMBDA_GB = 1_769 / 1_024
/** Assumed: an invocation per shard and second, which waits so long for database and bucket. */
const LAMBDA_WAIT_SECONDS = 0.2
/** AWS: 5% of the disk for the system, 20% for OpenSearch. */
const SEARCH_DISK = 0.95 * 0.8
/** Assumed: so much disk a node for each GiB of its memory. */
const SEARCH_GB_PER_GIB = 32
const SHARD_OF_DAY_GB = 30
const FEW_NODES = 6
const MOST_SEARCH_NODES = 80

export function planCapacity(input: CapacityInput): CapacityPlan {
  const rate = (mean: number): Rate => ({ mean, peak: mean * input.peak })
  const linesPerDay = input.bytesPerDay / input.lineBytes
  const lines = rate(linesPerDay / DAY)
  const raw = rate(input.bytesPerDay / DAY / MB)
  const wire = rate(raw.mean / (input.compressed ? COMPRESSION : 1))
  const keptPerDay = linesPerDay * input.keep
  const local = input.runner === 'poll'
  const shards = shardsOf(input.stream, wire)
  const consumer = consumerOf(input, lines, shards)
  const archive = archiveOf(input, linesPerDay, shards)
  const postgres = local ? undefined : postgresOf(keptPerDay, input.peak, consumer.count)
  const search = searchOf(input, keptPerDay)
  const mbit = (perDay: number): Rate => rate((perDay / DAY / MB) * 8)
  const parts = {
    lines,
    raw,
    wire,
    kept: rate(keptPerDay / DAY),
    errorLines: rate((linesPerDay * input.errors) / DAY),
    stream: { mode: input.stream, shards, retentionHours: RETENTION_HOURS },
    consumer,
    ...(postgres === undefined ? {} : { postgres }),
    search,
    archive,
    network: { read: mbit(wire.mean * MB * DAY), archive: mbit(archive.gbPerDay * GB) },
  }
  const costs = costsOf(input, parts)
  const monthlyUsd = costs.reduce((sum, line) => sum + line.monthlyUsd, 0)
  return {
    input,
    ...parts,
    priceRegion: PRICE_REGION,
    costs,
    monthlyUsd,
    usdPerGB: monthlyUsd / ((input.bytesPerDay / GB) * DAYS),
    warnings: warningsOf(input, parts),
  }
}

type Parts = Omit<CapacityPlan, 'input' | 'priceRegion' | 'costs' | 'monthlyUsd' | 'usdPerGB' | 'warnings'>

/** On demand, the stream has room for twice its highest load; what is provisioned, for the peak and the headroom. */
function shardsOf(mode: StreamMode, wire: Rate): number {
  if (mode === 'on-demand') return Math.max(ON_DEMAND_SHARDS, Math.ceil((wire.peak * 2) / SHARD_MB))
  return Math.max(1, Math.ceil((wire.peak * HEADROOM) / SHARD_MB))
}

/** Microseconds of one core for a line. Longer lines than the measured ones are reckoned by their bytes. */
function lineMicroseconds({ lineBytes, keep, archive }: CapacityInput): number {
  const work = (PIPELINE_US * (EVERY_US + KEPT_US * keep)) / BENCH_US + ARCHIVED_US * (archive - keep)
  return work * longer(lineBytes)
}

const longer = (lineBytes: number): number => Math.max(1, lineBytes / BENCH_LINE)

function consumerOf(input: CapacityInput, lines: Rate, shards: number): CapacityPlan['consumer'] {
  const us = lineMicroseconds(input)
  const { runner } = input
  if (runner === 'poll') {
    const linesPerSecond = 1e6 / (us + LOCAL_KEPT_US * input.keep * longer(input.lineBytes))
    return { runner, count: 1, vcpu: 2, memoryMiB: memory(NODE_MB * HEADROOM + shards * 4), linesPerSecond }
  }
  if (runner === 'lambda') return { runner, count: shards, vcpu: 1, memoryMiB: 1_769, linesPerSecond: 1e6 / us }
  const both = KCL_TWO_CORES[input.compressed ? 'compressed' : 'plain']
  const pipe = (2e6 / both - PIPELINE_US) * longer(input.lineBytes)
  const linesPerSecond = 2e6 / (us + pipe)
  const count = Math.max(2, Math.ceil((lines.peak * HEADROOM) / linesPerSecond))
  const maxLeases = 2 * Math.ceil(shards / count)
  return {
    runner,
    count,
    vcpu: 2,
    memoryMiB: memory((NODE_MB + JAVA_MB) * HEADROOM + maxLeases * 4),
    linesPerSecond,
    maxLeases,
  }
}

const memory = (mb: number): number => Math.ceil(mb / 256) * 256

function archiveOf(input: CapacityInput, linesPerDay: number, shards: number): CapacityPlan['archive'] {
  const records = linesPerDay * input.archive
  const bytes = records * input.lineBytes
  const byTime = shards * (DAY / (input.runner === 'lambda' ? 1 : FLUSH_SECONDS))
  const gbPerDay = bytes / COMPRESSION / GB
  return {
    place: input.runner === 'poll' ? 'folder' : 's3',
    // At most one for each record, where there are few.
    objectsPerDay: Math.ceil(Math.min(records, Math.max(byTime, (bytes * RECORD_RATIO) / OBJECT_BYTES))),
    gbPerDay,
    storageGB: gbPerDay * input.archiveDays,
  }
}

const vcpuOfPostgres = (keptPerDay: number, peak: number): number =>
  (((keptPerDay / DAY) * peak * HEADROOM) / POSTGRES_EVENTS) * 2

function postgresOf(keptPerDay: number, peak: number, pods: number): NonNullable<CapacityPlan['postgres']> {
  const vcpu = vcpuOfPostgres(keptPerDay, peak)
  const fits = DATABASE_CLASSES.find((one) => one.vcpu >= vcpu) ?? DATABASE_CLASSES.at(-1)
  return {
    ...(fits as DatabaseClass),
    vcpu: Math.max(2, (fits as DatabaseClass).vcpu),
    storageGB: Math.max(20, Math.ceil((keptPerDay * REMEMBER_DAYS * POSTGRES_EVENT_BYTES * HEADROOM) / GB)),
    connections: pods * POOL,
  }
}

function searchOf({ runner, lineBytes, indexDays }: CapacityInput, keptPerDay: number): CapacityPlan['search'] {
  if (runner === 'poll') {
    const index = keptPerDay * lineBytes * SQLITE_INDEX_RATIO * (indexDays + 1)
    return { engine: 'sqlite', storageGB: (index + keptPerDay * SQLITE_STATE_BYTES * REMEMBER_DAYS) / GB }
  }
  const primaryGBPerDay = (keptPerDay * lineBytes * INDEX_RATIO) / GB
  // The day that is being written stands beside the days that are kept.
  const storageGB = Math.ceil((primaryGBPerDay * (1 + REPLICAS) * (indexDays + 1)) / SEARCH_DISK)
  const nodesOf = (one: SearchClass): number => Math.max(2, Math.ceil(storageGB / (one.memoryGiB * SEARCH_GB_PER_GIB)))
  const fits = (SEARCH_CLASSES.find((one) => nodesOf(one) <= FEW_NODES) ?? SEARCH_CLASSES.at(-1)) as SearchClass
  return {
    engine: 'opensearch',
    ...fits,
    nodes: nodesOf(fits),
    primaryGBPerDay,
    shardsPerDay: Math.max(1, Math.ceil(primaryGBPerDay / SHARD_OF_DAY_GB)),
    // Each node has at least 10 GB.
    storageGB: Math.max(storageGB, nodesOf(fits) * 10),
  }
}

function costsOf(input: CapacityInput, parts: Parts): CostLine[] {
  const lines: CostLine[] = []
  const add = (price: PriceId, quantity: number): void => {
    const { usd, unit, status, asOf, source } = PRICES[price]
    lines.push({ price, usd, unit, quantity, monthlyUsd: usd * quantity, status, asOf, source })
  }
  const { shards } = parts.stream
  const wireGB = (parts.wire.mean * DAY * DAYS * MB) / GB
  const extraDays = RETENTION_HOURS / 24 - 1
  if (input.stream === 'on-demand') {
    add('onDemandStream', HOURS)
    add('onDemandIn', wireGB)
    add('onDemandOut', wireGB)
    add('onDemandRetention', (wireGB / DAYS) * extraDays)
  } else {
    add('shard', shards * HOURS)
    add('putUnits', (wireGB * GB) / PUT_UNIT / 1e6)
    add('shardRetention', shards * HOURS)
  }
  const { consumer, search, archive, postgres } = parts
  if (consumer.runner === 'lambda') {
    const invocations = shards * DAY * DAYS
    const busy = (parts.lines.mean * DAY * DAYS) / consumer.linesPerSecond
    add('lambdaRequests', invocations / 1e6)
    add('lambdaCompute', (invocations * LAMBDA_WAIT_SECONDS + busy) * LAMBDA_GB)
  } else add('vcpu', consumer.count * consumer.vcpu * HOURS)
  if (consumer.runner === 'kcl')
    add('leaseWrites', (shards * DAY * DAYS * (1 / LEASE_RENEWAL_SECONDS + 1 / FLUSH_SECONDS)) / 1e6)
  if (search.engine === 'sqlite') {
    add('disk', Math.max(10, (search.storageGB + archive.storageGB) * HEADROOM))
    return lines
  }
  add('archiveStorage', archive.storageGB)
  add('archivePuts', (archive.objectsPerDay * DAYS) / 1e6)
  if (postgres !== undefined) {
    add(postgres.name, HOURS)
    add('postgresStorage', postgres.storageGB)
  }
  add(search.name, search.nodes * HOURS)
  add('searchStorage', search.storageGB)
  return lines
}

function warningsOf(input: CapacityInput, { lines, kept, wire, stream, consumer, archive, search }: Parts) {
  const warnings: PlanWarning[] = []
  if (input.region !== PRICE_REGION) warnings.push({ key: 'other_region', region: input.region })
  if (consumer.runner === 'poll' && lines.peak * HEADROOM > consumer.linesPerSecond)
    warnings.push({ key: 'one_process', peak: lines.peak, most: consumer.linesPerSecond / HEADROOM })
  if (stream.mode === 'on-demand' && wire.peak * 2 > 200)
    warnings.push({ key: 'stream_quota', megabytes: wire.peak * 2 })
  if (stream.mode === 'provisioned' && stream.shards > 1_000)
    warnings.push({ key: 'shard_quota', shards: stream.shards })
  if (consumer.runner === 'lambda' && archive.objectsPerDay > 100_000)
    warnings.push({ key: 'lambda_objects', objects: archive.objectsPerDay })
  const vcpu = vcpuOfPostgres(kept.mean * DAY, input.peak)
  if (consumer.runner !== 'poll' && vcpu > 2) warnings.push({ key: 'database', vcpu })
  if (search.engine === 'opensearch' && search.nodes > MOST_SEARCH_NODES)
    warnings.push({ key: 'search_nodes', nodes: search.nodes })
  return warnings
}
