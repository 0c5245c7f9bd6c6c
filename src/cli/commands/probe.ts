import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { type Config, languageOf } from '../../app/config.ts'
import { hasState, openStateOf } from '../../app/engines.ts'
import { putProbe } from '../../app/kinesis-probe-target.ts'
import { parseDuration } from '../../app/setting.ts'
import type { UiLanguage } from '../../pipeline/incident.ts'
import { probeLine } from '../../pipeline/probe.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { commandConfig } from '../command-config.ts'
import { green, plain, red } from '../terminal.ts'

interface ProbeFlags {
  readonly within?: string
  readonly dataDir?: string
  readonly json?: boolean
  readonly lang?: string
}

const LOOK_MS = 200

const TEXTS: Readonly<
  Record<UiLanguage, { arrived: (place: string, ms: string) => string; missed: (place: string, s: string) => string }>
> = {
  en: {
    arrived: (place, ms) => `✓ from ${place} to the outbox in ${ms} ms`,
    missed: (place, s) =>
      `✗ the probe put into ${place} has not reached the outbox within ${s}: look at the consumer, its lag and /readyz`,
  },
  ko: {
    arrived: (place, ms) => `✓ ${place}에서 아웃박스까지 ${ms} ms 걸렸어요`,
    missed: (place, s) =>
      `✗ ${place}에 넣은 점검용 오류가 ${s} 안에 아웃박스에 닿지 않았어요. 컨슈머와 지연(lag), /readyz를 확인하세요`,
  },
}

export function registerProbe(program: Command): void {
  program
    .command('probe')
    .description(
      'Send a synthetic error through the stream and wait until it reaches the outbox; nobody is told of it. Exit code 1 when it does not',
    )
    .option('--within <duration>', 'how long to wait (default: probe.objective)')
    .option('--data-dir <folder>', 'data folder of the program, where no PostgreSQL is set')
    .option('--json', 'machine output')
    .option('--lang <language>', 'ko or en')
    .action((flags: ProbeFlags) => probe(program, flags))
}

async function probe(program: Command, flags: ProbeFlags): Promise<void> {
  const config = commandConfig(program, { lang: flags.lang, dataDir: flags.dataDir })
  const withinMs = flags.within === undefined ? config.probe.objective : parseDuration(flags.within)
  if (withinMs === undefined || withinMs <= 0)
    throw new CaliError('config_invalid', `--within is "${flags.within}": a duration is accepted, e.g. 30s or 2m`)
  if (!hasState(config))
    throw new CaliError(
      'config_invalid',
      `the state of the program that is probed is not found: ${config.dataDir} has none. Name its folder with --data-dir, or set postgres.url.`,
    )
  const { stream } = config.kinesis
  const ms = await sendAndWait(config, withinMs)
  if (flags.json === true)
    console.log(JSON.stringify({ version: 1, stream, arrived: ms !== undefined, ms: ms ?? null }))
  else {
    const texts = TEXTS[languageOf(config)]
    console.log(
      `  ${ms === undefined ? red(texts.missed(plain(stream), flags.within ?? `${withinMs / 1_000}s`)) : green(texts.arrived(plain(stream), ms.toLocaleString('en-US')))}`,
    )
  }
  process.exitCode = ms === undefined ? 1 : 0
}

/** Milliseconds from the line to the outbox; undefined when it did not arrive in time. */
async function sendAndWait(config: Config, withinMs: number): Promise<number | undefined> {
  const { region, endpoint, stream } = config.kinesis
  const state = await openStateOf(config, systemClock)
  try {
    const sentAt = state.clock.now()
    await state.probes.begin(sentAt, 0)
    await putProbe({ region, ...(endpoint === undefined ? {} : { endpoint }) }, stream, probeLine(sentAt))
    for (const deadline = performance.now() + withinMs; performance.now() < deadline; await delay(LOOK_MS)) {
      const { arrived } = await state.probes.status()
      if (arrived !== undefined && arrived.sentAt >= sentAt) return arrived.at - sentAt
    }
    return undefined
  } finally {
    await state.close()
  }
}
