/**
 * Consumer: what one core does with records of Fluent Bit. Each case is a process of its own (consumer-case.ts).
 *
 * A  parse, keep errors and warnings, redact, count; beside a plain loop and Benthos, which do the same in the same run
 * B  the whole way of a Kinesis record: base64 of gzip to an acknowledged plan, with nothing on a disk
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBenthos } from './benthos.ts'
import type { CaseName } from './consumer-case.ts'
import { type Figure, figure, rates } from './measure.ts'
import { recordLines } from './records.ts'
import { inTurns, type Round, startContender } from './rounds.ts'

const RECORDS = Number(process.env['CALI_BENCH_RECORDS'] ?? 100_000)
const ROUNDS = Number(process.env['CALI_BENCH_ROUNDS'] ?? 7)
const ROUNDS_BEFORE = 6
const FROM = 1_790_000_000_000
const PER_BATCH = 200
const CASE = join(import.meta.dirname, 'consumer-case.ts')

export async function benchConsumer(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cali-bench-'))
  try {
    return await compare(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compare(folder: string): Promise<Figure[]> {
  const write = async (level: 'field' | 'text'): Promise<string> => {
    const file = join(folder, `level-in-${level}.ndjson`)
    const lines = recordLines({ count: RECORDS, from: FROM, level })
    await writeFile(file, `${lines.map((line) => line.text).join('\n')}\n`)
    return file
  }
  const [field, text] = [await write('field'), await write('text')]
  const start = (name: CaseName, file: string) => startContender(process.execPath, [CASE, name, file])
  const benthos = startBenthos(folder, field, PER_BATCH)
  const taken = await inTurns(
    [
      start('severe', field),
      start('loop', field),
      start('full', field),
      start('severe', text),
      start('archive', field),
      ...(benthos === undefined ? [] : [benthos]),
    ],
    { before: ROUNDS_BEFORE, counted: ROUNDS },
  )
  const [severe = [], loop = [], full = [], inText = [], archive = [], theirs] = taken
  if (new Set(taken.flat().map((round) => round.kept)).size !== 1)
    throw new Error('the cases kept different numbers of records: nothing was measured')
  return [
    ...rates('A parse, keep ERROR and WARN, redact, count', RECORDS, severe),
    ...rates('A the same by a plain loop of JavaScript', RECORDS, loop),
    ...(theirs === undefined ? [] : [...rates('A the same by Benthos', RECORDS, theirs), ...ratios(severe, theirs)]),
    ...rates('A with the level in the text only', RECORDS, inText),
    ...rates('A with every record redacted and archived', RECORDS, archive),
    ...rates('B base64, gzip to acknowledged plan, in memory', RECORDS, full),
    figure('A memory, highest', 'MB', megabytes(severe)),
    figure('B memory, highest', 'MB', megabytes(full)),
  ]
}

/** Round by round: both met the same load of the machine. */
const ratios = (ours: readonly Round[], theirs: readonly Round[]): Figure[] =>
  (
    [
      ['A times Benthos', 'wallSeconds'],
      ['A times Benthos, by CPU time', 'cpuSeconds'],
    ] as const
  ).map(([name, time]) =>
    figure(
      name,
      'x',
      ours.map((round, i) => (theirs[i]?.[time] ?? 0) / round[time]),
    ),
  )

const megabytes = (rounds: readonly Round[]): number[] => rounds.map(({ highestBytes = 0 }) => highestBytes / 1e6)
