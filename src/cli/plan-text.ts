/** What `cali plan` says: a plan for a person, and several volumes as a table for documents. */
import type { CapacityPlan, CostLine, PlanRunner, PlanWarning, StreamMode } from '../app/capacity-plan.ts'
import type { Price, PriceId, PriceStatus } from '../app/capacity-prices.ts'
import type { UiLanguage } from '../pipeline/incident.ts'
import { bold, columns, dim, padEnd, plain, terminalWidth, wrap, yellow } from './terminal.ts'

type Warn<K extends PlanWarning['key']> = (warning: Extract<PlanWarning, { key: K }>) => string

interface PlanTexts {
  readonly title: (plan: CapacityPlan) => string
  readonly runner: Readonly<Record<PlanRunner, string>>
  readonly mode: Readonly<Record<StreamMode, string>>
  readonly rows: Readonly<
    Record<'lines' | 'stream' | 'consumer' | 'postgres' | 'search' | 'archive' | 'network' | 'shipper', string>
  >
  readonly lines: (mean: string, peak: string, kept: string, keptPeak: string) => string
  readonly stream: (mode: string, shards: string, mean: string, peak: string, days: number) => string
  readonly kcl: (pods: string, memory: string, lines: string, leases: number) => string
  readonly lambda: (functions: string, memory: string) => string
  readonly poll: (memory: string, lines: string) => string
  readonly postgres: (name: string, vcpu: number, memory: number, storage: string, connections: number) => string
  readonly opensearch: (nodes: string, name: string, storage: string, perDay: string, shards: number) => string
  readonly sqlite: (storage: string) => string
  readonly archive: (place: 's3' | 'folder', objects: string, perDay: string, storage: string, days: number) => string
  readonly network: (mean: string, peak: string, archive: string) => string
  readonly shipper: (compressed: boolean) => string
  readonly costs: (region: string) => string
  readonly items: Readonly<Record<PriceId, string>>
  readonly units: Readonly<Record<Price['unit'], string>>
  readonly status: Readonly<Record<PriceStatus, string>>
  readonly total: string
  readonly perGB: (usd: string) => string
  readonly sources: string
  readonly assumptions: readonly string[]
  readonly warnings: { readonly [K in PlanWarning['key']]: Warn<K> }
  readonly table: readonly string[]
}

const en: PlanTexts = {
  title: ({ input }) =>
    `${volume(input.bytesPerDay)} a day in records of ${count(input.lineBytes)} bytes, ${share(input.errors)} errors, ${share(input.keep)} kept, peak ×${input.peak}`,
  runner: { kcl: 'kcl', lambda: 'lambda', poll: 'poll' },
  mode: { 'on-demand': 'on-demand', provisioned: 'provisioned' },
  rows: {
    lines: 'lines',
    stream: 'Kinesis',
    consumer: 'consumers',
    postgres: 'PostgreSQL',
    search: 'search',
    archive: 'archive',
    network: 'network',
    shipper: 'Fluent Bit',
  },
  lines: (mean, peak, kept, keptPeak) =>
    `${mean} a second, at the peak ${peak} · kept ${kept}, at the peak ${keptPeak}`,
  stream: (mode, shards, mean, peak, days) =>
    `${mode}, ${shards} shards · ${mean} MB/s, at the peak ${peak} · kept for ${days} days`,
  kcl: (pods, memory, lines, leases) =>
    `${pods} pods of 2 vCPU and ${memory} · one takes ${lines} lines a second · kcl.maxLeases: ${leases}`,
  lambda: (functions, memory) => `up to ${functions} functions at once, ${memory} (1 vCPU) each`,
  poll: (memory, lines) => `one process, 2 vCPU and ${memory} · takes ${lines} lines a second`,
  postgres: (name, vcpu, memory, storage, connections) =>
    `${name}, ${vcpu} vCPU, ${memory} GiB · ${storage} · up to ${connections} connections`,
  opensearch: (nodes, name, storage, perDay, shards) =>
    `${nodes} × ${name} · ${storage} of disk in all · ${perDay} a day · opensearch.shards: ${shards}`,
  sqlite: (storage) => `SQLite beside the process · ${storage} of disk`,
  archive: (place, objects, perDay, storage, days) =>
    `${place === 's3' ? 'S3' : 'folder'} · ${objects} objects and ${perDay} a day · ${storage} after ${days} days`,
  network: (mean, peak, archive) =>
    `${mean} Mbit/s from the stream, at the peak ${peak} · ${archive} Mbit/s to the archive`,
  shipper: (compressed) =>
    compressed
      ? 'simple_aggregation: on and compression: gzip are reckoned with'
      : 'simple_aggregation: on is reckoned with; gzip would make the stream about a third',
  costs: (region) => `A month, at list prices of ${region}`,
  items: {
    onDemandStream: 'Kinesis, stream',
    onDemandIn: 'Kinesis, in',
    onDemandOut: 'Kinesis, out',
    onDemandRetention: 'Kinesis, days 2 to 7',
    shard: 'Kinesis, shards',
    putUnits: 'Kinesis, PUT units of 25 KB',
    shardRetention: 'Kinesis, days 2 to 7',
    vcpu: 'consumers, vCPU',
    disk: 'disk',
    lambdaRequests: 'Lambda, calls',
    lambdaCompute: 'Lambda, time',
    leaseWrites: 'DynamoDB, leases',
    archiveStorage: 'S3, storage',
    archivePuts: 'S3, PUT',
    postgresStorage: 'PostgreSQL, storage',
    'db.t4g.medium': 'PostgreSQL, db.t4g.medium',
    'db.m7g.large': 'PostgreSQL, db.m7g.large',
    'db.m7g.xlarge': 'PostgreSQL, db.m7g.xlarge',
    'db.m7g.2xlarge': 'PostgreSQL, db.m7g.2xlarge',
    'db.m7g.4xlarge': 'PostgreSQL, db.m7g.4xlarge',
    'db.m7g.8xlarge': 'PostgreSQL, db.m7g.8xlarge',
    'm6g.large.search': 'OpenSearch, m6g.large',
    'r6g.large.search': 'OpenSearch, r6g.large',
    'r6g.2xlarge.search': 'OpenSearch, r6g.2xlarge',
    searchStorage: 'OpenSearch, storage',
  },
  units: { GB: 'GB', 'GB-month': 'GB-month', 'GB-second': 'GB-second', hour: 'hour', million: 'million' },
  status: {
    secondary: 'from an article, not from AWS',
    unverified: 'not verified: look it up there',
  },
  total: 'total',
  perGB: (usd) => `${usd} for each GB of records`,
  sources: 'Prices',
  assumptions: [
    'Speeds are measured (bench/README.md), with half as much again on top. Calls of archive, search and database cost time that those figures leave out.',
    'Not in the table: the nodes of Fluent Bit, Milvus, a model, KMS, NAT, traffic between zones, a second database for failover, master nodes, taxes, discounts.',
    'How it is reckoned: docs/en/capacity.md',
  ],
  warnings: {
    other_region: ({ region }) =>
      `Prices in ${region} differ from these, and are not known here: take the quantities to the price list of the region.`,
    one_process: ({ peak, most }) =>
      `One process is not enough: the peak has ${count(peak)} lines a second, and with headroom it takes ${count(most)}. Take --runner kcl.`,
    stream_quota: ({ megabytes }) =>
      `The stream must take ${count(megabytes)} MB/s. Outside us-east-1, us-west-2 and eu-west-1 on-demand streams end at 200: take provisioned, or several streams.`,
    shard_quota: ({ shards }) => `${count(shards)} shards are more than the quota of most regions: ask AWS first.`,
    lambda_objects: ({ objects }) =>
      `A function writes an object for each batch: ${count(objects)} a day. Raise the batching window, and compact (cali archive compact).`,
    database: ({ vcpu }) =>
      `The database needs about ${vcpu.toFixed(1)} vCPU. Beyond 2 that is reckoned on from a measurement on two cores: try it with your load, and keep less or set incidents.rememberEvents lower.`,
    search_nodes: ({ nodes }) =>
      `${count(nodes)} search nodes are more than a domain has by default (80): keep less, or for fewer days.`,
  },
  table: [
    'Records a day',
    'Lines a second, mean / peak',
    'Shards',
    'Consumers',
    'PostgreSQL',
    'OpenSearch',
    'Archive',
    'USD a month',
    'USD a GB',
  ],
}

const ko: PlanTexts = {
  title: ({ input }) =>
    `하루 ${volume(input.bytesPerDay)}, 한 줄 ${count(input.lineBytes)}바이트, 오류 ${share(input.errors)}, 남기는 줄 ${share(input.keep)}, 최대치는 평균의 ${input.peak}배`,
  runner: { kcl: 'kcl', lambda: 'lambda', poll: 'poll' },
  mode: { 'on-demand': '온디맨드', provisioned: '프로비저닝' },
  rows: {
    lines: '로그',
    stream: 'Kinesis',
    consumer: '컨슈머',
    postgres: 'PostgreSQL',
    search: '검색',
    archive: '보관',
    network: '네트워크',
    shipper: 'Fluent Bit',
  },
  lines: (mean, peak, kept, keptPeak) => `초당 ${mean}줄, 최대 ${peak}줄 · 남기는 줄 ${kept}, 최대 ${keptPeak}`,
  stream: (mode, shards, mean, peak, days) =>
    `${mode}, 샤드 ${shards}개 · 초당 ${mean} MB, 최대 ${peak} MB · ${days}일 보존`,
  kcl: (pods, memory, lines, leases) =>
    `파드 ${pods}개, 각 vCPU 2개와 ${memory} · 하나가 초당 ${lines}줄 처리 · kcl.maxLeases: ${leases}`,
  lambda: (functions, memory) => `동시에 최대 ${functions}개, 각 ${memory}(vCPU 1개)`,
  poll: (memory, lines) => `프로세스 하나, vCPU 2개와 ${memory} · 초당 ${lines}줄 처리`,
  postgres: (name, vcpu, memory, storage, connections) =>
    `${name}, vCPU ${vcpu}개, ${memory} GiB · 저장 공간 ${storage} · 연결 최대 ${connections}개`,
  opensearch: (nodes, name, storage, perDay, shards) =>
    `${name} ${nodes}대 · 디스크 모두 ${storage} · 하루 ${perDay} · opensearch.shards: ${shards}`,
  sqlite: (storage) => `같은 서버의 SQLite · 디스크 ${storage}`,
  archive: (place, objects, perDay, storage, days) =>
    `${place === 's3' ? 'S3' : '폴더'} · 하루 객체 ${objects}개, ${perDay} · ${days}일 뒤 ${storage}`,
  network: (mean, peak, archive) => `스트림에서 ${mean} Mbit/s, 최대 ${peak} · 보관소로 ${archive} Mbit/s`,
  shipper: (compressed) =>
    compressed
      ? 'simple_aggregation: on, compression: gzip 기준이에요'
      : 'simple_aggregation: on 기준이에요. gzip을 켜면 스트림이 3분의 1쯤으로 줄어요',
  costs: (region) => `한 달 비용, ${region} 정가 기준`,
  items: {
    onDemandStream: 'Kinesis 스트림',
    onDemandIn: 'Kinesis 쓰기',
    onDemandOut: 'Kinesis 읽기',
    onDemandRetention: 'Kinesis 2~7일째 보존',
    shard: 'Kinesis 샤드',
    putUnits: 'Kinesis PUT 단위(25 KB)',
    shardRetention: 'Kinesis 2~7일째 보존',
    vcpu: '컨슈머 vCPU',
    disk: '디스크',
    lambdaRequests: 'Lambda 호출',
    lambdaCompute: 'Lambda 실행 시간',
    leaseWrites: 'DynamoDB 리스',
    archiveStorage: 'S3 저장',
    archivePuts: 'S3 PUT',
    postgresStorage: 'PostgreSQL 저장 공간',
    'db.t4g.medium': 'PostgreSQL db.t4g.medium',
    'db.m7g.large': 'PostgreSQL db.m7g.large',
    'db.m7g.xlarge': 'PostgreSQL db.m7g.xlarge',
    'db.m7g.2xlarge': 'PostgreSQL db.m7g.2xlarge',
    'db.m7g.4xlarge': 'PostgreSQL db.m7g.4xlarge',
    'db.m7g.8xlarge': 'PostgreSQL db.m7g.8xlarge',
    'm6g.large.search': 'OpenSearch m6g.large',
    'r6g.large.search': 'OpenSearch r6g.large',
    'r6g.2xlarge.search': 'OpenSearch r6g.2xlarge',
    searchStorage: 'OpenSearch 저장 공간',
  },
  units: { GB: 'GB', 'GB-month': 'GB·월', 'GB-second': 'GB·초', hour: '시간', million: '백만 건' },
  status: { secondary: 'AWS가 아닌 글에서 읽은 값', unverified: '확인하지 못한 값, 여기서 확인하세요' },
  total: '합계',
  perGB: (usd) => `로그 1 GB당 ${usd}`,
  sources: '단가',
  assumptions: [
    '처리 속도는 측정값(bench/README.md)이고 여유를 50% 더했어요. 보관소, 검색, 데이터베이스를 부르는 시간은 그 측정값에 없어요.',
    '표에 없는 것: Fluent Bit가 도는 노드, Milvus, 모델, KMS, NAT, 가용 영역 간 전송, 장애 대비용 예비 데이터베이스, 마스터 노드, 세금, 할인.',
    '계산 방법: docs/ko/capacity.md',
  ],
  warnings: {
    other_region: ({ region }) =>
      `${region}의 단가는 이 값과 다르고 CALI는 그 값을 몰라요. 위의 수량에 그 리전의 단가를 곱하세요.`,
    one_process: ({ peak, most }) =>
      `프로세스 하나로는 부족해요. 최대 초당 ${count(peak)}줄인데, 여유를 두면 ${count(most)}줄까지 처리해요. --runner kcl을 쓰세요.`,
    stream_quota: ({ megabytes }) =>
      `스트림이 초당 ${count(megabytes)} MB를 받아야 해요. us-east-1, us-west-2, eu-west-1이 아니면 온디맨드 스트림은 200 MB까지예요. 프로비저닝을 쓰거나 스트림을 나누세요.`,
    shard_quota: ({ shards }) =>
      `샤드 ${count(shards)}개는 리전 대부분의 할당량을 넘어요. AWS에 먼저 늘려 달라고 하세요.`,
    lambda_objects: ({ objects }) =>
      `함수는 묶음마다 객체를 하나씩 써요. 하루 ${count(objects)}개예요. 배치 기간을 늘리고, 쌓인 객체는 cali archive compact로 합치세요.`,
    database: ({ vcpu }) =>
      `데이터베이스에 vCPU가 ${vcpu.toFixed(1)}개쯤 필요해요. 2개를 넘는 부분은 코어 2개로 잰 값을 늘려 잡은 것이니 실제 부하로 시험해 보세요. 남기는 줄이나 incidents.rememberEvents를 줄이면 작아져요.`,
    search_nodes: ({ nodes }) =>
      `검색 노드 ${count(nodes)}대는 도메인 기본 한도(80대)를 넘어요. 남기는 줄이나 검색 기간을 줄이세요.`,
  },
  table: [
    '하루 로그',
    '초당 줄 수, 평균 / 최대',
    '샤드',
    '컨슈머',
    'PostgreSQL',
    'OpenSearch',
    '보관',
    '월 비용(USD)',
    'GB당(USD)',
  ],
}

const TEXTS: Readonly<Record<UiLanguage, PlanTexts>> = { en, ko }

const LABEL = 12

export function printPlan(plan: CapacityPlan, language: UiLanguage): void {
  const texts = TEXTS[language]
  const { input, consumer, search, archive } = plan
  const width = terminalWidth()
  const row = (label: string, text: string): void => {
    for (const [i, line] of wrap(text, width - LABEL - 2).entries())
      console.log(`  ${dim(padEnd(i === 0 ? label : '', LABEL))}${line}`)
  }
  console.log(`  ${bold(texts.title(plan))}`)
  console.log(dim(`  ${texts.runner[input.runner]} · ${texts.mode[input.stream]} · ${plain(input.region)}`))
  console.log()
  row(
    texts.rows.lines,
    texts.lines(count(plan.lines.mean), count(plan.lines.peak), figure(plan.kept.mean), figure(plan.kept.peak)),
  )
  row(
    texts.rows.stream,
    texts.stream(
      texts.mode[plan.stream.mode],
      count(plan.stream.shards),
      figure(plan.wire.mean),
      figure(plan.wire.peak),
      plan.stream.retentionHours / 24,
    ),
  )
  row(texts.rows.consumer, consumerText(consumer, texts))
  if (plan.postgres !== undefined) {
    const { name, vcpu, memoryGiB, storageGB, connections } = plan.postgres
    row(texts.rows.postgres, texts.postgres(name, vcpu, memoryGiB, gigabytes(storageGB), connections))
  }
  row(
    texts.rows.search,
    search.engine === 'sqlite'
      ? texts.sqlite(gigabytes(search.storageGB))
      : texts.opensearch(
          count(search.nodes),
          search.name,
          gigabytes(search.storageGB),
          gigabytes(search.primaryGBPerDay),
          search.shardsPerDay,
        ),
  )
  row(
    texts.rows.archive,
    texts.archive(
      archive.place,
      count(archive.objectsPerDay),
      gigabytes(archive.gbPerDay),
      gigabytes(archive.storageGB),
      input.archiveDays,
    ),
  )
  const { read, archive: kept } = plan.network
  row(texts.rows.network, texts.network(figure(read.mean), figure(read.peak), figure(kept.mean)))
  row(texts.rows.shipper, texts.shipper(input.compressed))
  console.log()
  printCosts(plan, texts)
  console.log()
  for (const warning of plan.warnings)
    for (const [i, line] of wrap(warningText(warning, texts), width - 4).entries())
      console.log(yellow(`  ${i === 0 ? '! ' : '  '}${plain(line)}`))
  for (const text of texts.assumptions) for (const line of wrap(text, width - 2)) console.log(dim(`  ${line}`))
}

function consumerText(consumer: CapacityPlan['consumer'], texts: PlanTexts): string {
  const memory = `${count(consumer.memoryMiB)} MiB`
  const lines = count(Math.floor(consumer.linesPerSecond / 100) * 100)
  if (consumer.runner === 'kcl') return texts.kcl(count(consumer.count), memory, lines, consumer.maxLeases ?? 0)
  return consumer.runner === 'lambda' ? texts.lambda(count(consumer.count), memory) : texts.poll(memory, lines)
}

const warningText = <K extends PlanWarning['key']>(
  warning: Extract<PlanWarning, { key: K }>,
  { warnings }: PlanTexts,
): string => (warnings[warning.key as K] as Warn<K>)(warning)

function printCosts({ costs, monthlyUsd, usdPerGB, priceRegion }: CapacityPlan, texts: PlanTexts): void {
  const sources = [...new Map(costs.map((line) => [sourceKey(line), line])).values()]
  const cells = costs.map((line) => [
    texts.items[line.price],
    `${price(line.usd)} / ${texts.units[line.unit]}`,
    `× ${figure(line.quantity)}`,
    dollars(line.monthlyUsd),
    `[${sources.findIndex((one) => sourceKey(one) === sourceKey(line)) + 1}]`,
  ])
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((row) => columns(row[i] ?? '')), 12))
  console.log(`  ${bold(texts.costs(priceRegion))}`)
  for (const [item = '', unit = '', quantity = '', month = '', source = ''] of cells)
    console.log(
      `  ${padEnd(item, widths[0] ?? 0)}  ${padEnd(unit, widths[1] ?? 0)}  ${quantity.padStart(widths[2] ?? 0)}  ${month.padStart(widths[3] ?? 0)}  ${dim(source)}`,
    )
  const before = (widths[0] ?? 0) + (widths[1] ?? 0) + (widths[2] ?? 0) + 6
  console.log(
    `  ${bold(padEnd(texts.total, before) + dollars(monthlyUsd).padStart(widths[3] ?? 0))}  ${texts.perGB(price(Number(usdPerGB.toPrecision(2))))}`,
  )
  console.log()
  console.log(dim(`  ${texts.sources}`))
  for (const [i, line] of sources.entries())
    console.log(dim(`  [${i + 1}] ${line.asOf}, ${texts.status[line.status]}: ${line.source}`))
}

const sourceKey = ({ asOf, status, source }: CostLine): string => `${asOf} ${status} ${source}`

/** Markdown, as it stands in docs/en/capacity.md and docs/ko/capacity.md. */
export function printPlanTable(plans: readonly CapacityPlan[], language: UiLanguage): void {
  const { table, runner } = TEXTS[language]
  const print = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`)
  print(table)
  print(table.map((_, i) => (i === 0 ? '---' : '---:')))
  for (const { input, lines, stream, consumer, postgres, search, archive, monthlyUsd, usdPerGB } of plans)
    print([
      volume(input.bytesPerDay),
      `${count(lines.mean)} / ${count(lines.peak)}`,
      count(stream.shards),
      `${count(consumer.count)} × ${consumer.vcpu} vCPU (${runner[consumer.runner]})`,
      postgres === undefined ? 'SQLite' : `${postgres.name}, ${gigabytes(postgres.storageGB)}`,
      search.engine === 'sqlite'
        ? `SQLite, ${gigabytes(search.storageGB)}`
        : `${count(search.nodes)} × ${search.name.replace('.search', '')}, ${gigabytes(search.storageGB)}`,
      gigabytes(archive.storageGB),
      count(monthlyUsd),
      String(Number(usdPerGB.toPrecision(2))),
    ])
}

const count = (n: number): string => Math.round(n).toLocaleString('en-US')

/** Two digits that say something. */
const figure = (n: number): string => (n >= 100 ? count(n) : String(Number(n.toPrecision(2))))

const volume = (bytes: number): string =>
  bytes >= 1e12
    ? `${figures(bytes / 1e12)} TB`
    : bytes >= 1e9
      ? `${figures(bytes / 1e9)} GB`
      : `${figures(bytes / 1e6)} MB`
const figures = (n: number): string => String(Number(n.toPrecision(4)))

const gigabytes = (gb: number): string =>
  gb >= 1_000 ? `${figures3(gb / 1_000)} TB` : gb >= 1 ? `${figures3(gb)} GB` : `${figure(gb * 1_000)} MB`
const figures3 = (n: number): string => String(Number(n.toPrecision(3)))

const share = (part: number): string => `${Number((part * 100).toPrecision(4))}%`
const dollars = (usd: number): string =>
  `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
const price = (usd: number): string => `$${usd}`
