import type { Command } from 'commander'
import type { z } from 'zod'
import type { logPageSchema, logRecordSchema } from '../../api/schema.ts'
import { isAbort } from '../../platform/error.ts'
import { logLine } from '../log-line.ts'
import { findRemote, type RemoteFlags } from '../remote.ts'
import { dim } from '../terminal.ts'

type LogPage = z.output<typeof logPageSchema>
type LogLine = z.output<typeof logRecordSchema>
type Flags = RemoteFlags & { json?: boolean; limit: string }

export function registerLogs(program: Command): void {
  const logs = program.command('logs').description('Log lines of the running program')
  const remote = (command: Command): Command =>
    command
      .option('--url <address>', 'address of the program (default: the one that runs here)')
      .option('--data-dir <folder>', 'its data folder')
      .option('--json', 'one JSON per line')

  remote(
    logs
      .command('search')
      .description('Words, "a phrase", -word, service:x, level:error, trace:…, pod:…')
      .argument('[query...]')
      .option('--limit <n>', 'lines at most', '50'),
  ).action(async (query: string[], flags: Flags) => {
    const page = await findRemote({ ...flags, ...program.opts<{ config?: string }>() }).get<LogPage>(
      `/api/logs?q=${encodeURIComponent(query.join(' '))}&limit=${encodeURIComponent(flags.limit)}`,
    )
    for (const record of [...page.records].reverse()) print(record, flags.json === true)
    if (flags.json !== true)
      console.error(dim(`  ${page.records.length} of ${page.total.toLocaleString('en-US')} lines`))
  })

  remote(logs.command('tail').description('Lines as they come, until Ctrl-C').argument('[query...]')).action(
    async (query: string[], flags: Flags) => {
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      try {
        const response = await findRemote({ ...flags, ...program.opts<{ config?: string }>() }).stream(
          `/api/logs/tail?q=${encodeURIComponent(query.join(' '))}`,
          stop.signal,
        )
        let rest = ''
        for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
          const parts = (rest + chunk).split('\n\n')
          rest = parts.pop() ?? ''
          for (const part of parts) {
            const data = /^data: (.*)$/m.exec(part)?.[1]
            if (data !== undefined) print(JSON.parse(data) as LogLine, flags.json === true)
          }
        }
      } catch (error) {
        if (!isAbort(error)) throw error
      }
    },
  )
}

function print(record: LogLine, json: boolean): void {
  console.log(json ? JSON.stringify(record) : logLine(record))
}
