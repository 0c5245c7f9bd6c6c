import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { type FileTail, tailFile } from '../../app/file-tail.ts'
import { messageOf } from '../../platform/error.ts'
import { retry } from '../../platform/retry.ts'
import { commandConfig } from '../command-config.ts'
import { findRemote, type RemoteFlags } from '../remote.ts'
import { dim } from '../terminal.ts'

type Flags = RemoteFlags & { service?: string; fromStart?: boolean }

/** Looks at a file in vain, five a second, before it is said: a rotation takes less. */
const AWAY_LOOKS = 25
const SEND_EVERY_MS = 400
const MAX_EVENTS = 500
const PATIENT = { baseMs: 500, capMs: 10_000, attempts: Number.POSITIVE_INFINITY }

export function registerTail(program: Command): void {
  program
    .command('tail')
    .description('Follow log files, through rotation, and send what is added to the running program')
    .argument('<files...>')
    .option('--service <name>', 'service of lines that name none (default: the file name)')
    .option('--from-start', 'also send what is in the files already')
    .option('--url <address>', 'address of the program (default: the one that runs here)')
    .option('--data-dir <folder>', 'its data folder')
    .action(async (files: string[], flags: Flags) => {
      const remote = findRemote({ ...flags, ...program.opts<{ config?: string }>() })
      const config = commandConfig(program, { dataDir: flags.dataDir })
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      const tails: FileTail[] = []
      for (const file of files)
        tails.push(
          await tailFile({
            path: resolve(file),
            positions: config.dataDir,
            fromStart: flags.fromStart === true,
            host: hostname(),
            onAway: (looks) => {
              if (looks === AWAY_LOOKS) console.error(dim(`  ${file} is not there any more: waiting for a new one`))
            },
            ...(flags.service === undefined ? {} : { service: flags.service }),
          }),
        )
      console.error(dim(`  following ${files.join(', ')}, sending to ${remote.url} · Ctrl-C to stop`))
      let sent = 0
      do {
        await delay(SEND_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined)
        for (const tail of tails) {
          for (
            let events = tail.take(MAX_EVENTS, stop.signal.aborted);
            events.length > 0;
            events = tail.take(MAX_EVENTS, stop.signal.aborted)
          ) {
            const body = Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'))
            const send = () => remote.upload('/ingest', body, 'application/x-ndjson')
            // Without an answer nothing is passed over: the position is saved only behind what is stored.
            const result = await (stop.signal.aborted
              ? send()
              : retry(PATIENT, send, {
                  signal: stop.signal,
                  onRetry: (error, attempt) =>
                    attempt === 1 && console.error(`cali: ${messageOf(error)}; trying again`),
                }))
            tail.saved()
            sent += result.accepted
            if (process.stderr.isTTY)
              process.stderr.write(`\r\u001b[2K${dim(`  ${sent.toLocaleString('en-US')} events stored`)}`)
          }
        }
      } while (!stop.signal.aborted)
      for (const tail of tails) await tail.stop()
      if (process.stderr.isTTY) process.stderr.write('\n')
      if (sent === 0) console.error(dim('  nothing was added to the files meanwhile'))
    })
}
