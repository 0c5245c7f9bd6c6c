/**
 * Prices that `cali plan` reckons with: list prices of us-east-1, on demand, without tax, discounts and free tiers. Each
 * says where it was read and when. Other regions cost something else; no factor is made up for them.
 */

/** `secondary`: read in an article, not at the vendor. `unverified`: no page was read; look it up before you rely on it. */
export type PriceStatus = 'secondary' | 'unverified'

export interface Price {
  /** US dollars a unit. */
  readonly usd: number
  readonly unit: 'GB' | 'GB-month' | 'GB-second' | 'hour' | 'million'
  readonly status: PriceStatus
  /** When it was read or written down, YYYY-MM-DD. */
  readonly asOf: string
  readonly source: string
}

export const PRICE_REGION = 'us-east-1'

const KINESIS =
  'https://www.trek10.com/blog/amazon-kinesis-data-streams-on-demand-vs.-provisioned-billing-mode-cost-comparison'
const kinesis = (usd: number, unit: Price['unit']): Price => ({
  usd,
  unit,
  status: 'secondary',
  asOf: '2026-11-24',
  source: KINESIS,
})
const secondary = (usd: number, unit: Price['unit'], source: string): Price => ({
  usd,
  unit,
  status: 'secondary',
  asOf: '2026-11-26',
  source,
})
/** `page` is where the price can be looked up, not where it was read. */
const unverified = (usd: number, unit: Price['unit'], page: string): Price => ({
  usd,
  unit,
  status: 'unverified',
  asOf: '2026-11-26',
  source: page,
})

const RDS = 'https://aws.amazon.com/rds/postgresql/pricing/'
const OPENSEARCH = 'https://aws.amazon.com/opensearch-service/pricing/'
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/'
const EXTENDED = 'https://aws.amazon.com/kinesis/data-streams/pricing/'

export const PRICES = {
  onDemandStream: kinesis(0.04, 'hour'),
  onDemandIn: kinesis(0.08, 'GB'),
  onDemandOut: kinesis(0.04, 'GB'),
  onDemandRetention: unverified(0.1, 'GB-month', EXTENDED),
  shard: kinesis(0.015, 'hour'),
  putUnits: kinesis(0.014, 'million'),
  shardRetention: unverified(0.02, 'hour', EXTENDED),
  /** Half of an m7g.large (2 vCPU, 8 GiB) at 0.0816 an hour. */
  vcpu: secondary(
    0.0408,
    'hour',
    'https://www.factualminds.com/blog/amazon-ec2-on-demand-pricing-instance-families-2026/',
  ),
  disk: unverified(0.08, 'GB-month', 'https://aws.amazon.com/ebs/pricing/'),
  lambdaRequests: unverified(0.2, 'million', LAMBDA),
  lambdaCompute: unverified(0.0000166667, 'GB-second', LAMBDA),
  leaseWrites: secondary(0.625, 'million', 'https://airbyte.com/data-engineering-resources/dynamodb-pricing'),
  archiveStorage: unverified(0.023, 'GB-month', 'https://aws.amazon.com/s3/pricing/'),
  archivePuts: secondary(5, 'million', 'https://c3x.dev/blog/s3-request-fees-explained'),
  postgresStorage: secondary(
    0.115,
    'GB-month',
    'https://www.usage.ai/blogs/aws/reserved-instances/rds/pricing-calculator/',
  ),
  'db.t4g.medium': secondary(0.065, 'hour', 'https://infratally.com/articles/aws-rds-pricing-explained-2026.html'),
  'db.m7g.large': unverified(0.168, 'hour', RDS),
  'db.m7g.xlarge': unverified(0.337, 'hour', RDS),
  'db.m7g.2xlarge': unverified(0.674, 'hour', RDS),
  'db.m7g.4xlarge': unverified(1.348, 'hour', RDS),
  'db.m7g.8xlarge': unverified(2.696, 'hour', RDS),
  'm6g.large.search': unverified(0.128, 'hour', OPENSEARCH),
  'r6g.large.search': unverified(0.167, 'hour', OPENSEARCH),
  'r6g.2xlarge.search': unverified(0.669, 'hour', OPENSEARCH),
  searchStorage: unverified(0.122, 'GB-month', OPENSEARCH),
} as const satisfies Readonly<Record<string, Price>>

export type PriceId = keyof typeof PRICES

export interface DatabaseClass {
  readonly name: Extract<PriceId, `db.${string}`>
  readonly vcpu: number
  readonly memoryGiB: number
}

/** Smallest first. The first is burstable: its two vCPU may be busy a fifth of the time (AWS: 20% each at the baseline). */
export const DATABASE_CLASSES: readonly DatabaseClass[] = [
  { name: 'db.t4g.medium', vcpu: 0.4, memoryGiB: 4 },
  { name: 'db.m7g.large', vcpu: 2, memoryGiB: 8 },
  { name: 'db.m7g.xlarge', vcpu: 4, memoryGiB: 16 },
  { name: 'db.m7g.2xlarge', vcpu: 8, memoryGiB: 32 },
  { name: 'db.m7g.4xlarge', vcpu: 16, memoryGiB: 64 },
  { name: 'db.m7g.8xlarge', vcpu: 32, memoryGiB: 128 },
]

export interface SearchClass {
  readonly name: Extract<PriceId, `${string}.search`>
  readonly vcpu: number
  readonly memoryGiB: number
}

export const SEARCH_CLASSES: readonly SearchClass[] = [
  { name: 'm6g.large.search', vcpu: 2, memoryGiB: 8 },
  { name: 'r6g.large.search', vcpu: 2, memoryGiB: 16 },
  { name: 'r6g.2xlarge.search', vcpu: 8, memoryGiB: 64 },
]
