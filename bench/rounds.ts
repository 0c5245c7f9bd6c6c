/**
 * Rounds: programs that are compared run as processes of their own, one round at a time in turns, so that what the
 * machine does meanwhile meets all of them. A process does a round for each line on stdin and answers with a line.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Taken } from './measure.ts'

export interface Round extends Taken {
  /** Records kept: the work must be the same everywhere. */
  readonly kept: number
  /** Highest resident memory of the process so far; absent where it is not told. */
  readonly highestBytes?: number
}

export interface Contender {
  round(): Promise<Round>
  stop(): Promise<void>
}

export function startContender(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Contender {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exit = once(child, 'exit')
  return {
    round: async () => {
      child.stdin.write('round\n')
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`${command} ended before it answered`)
      return JSON.parse(value) as Round
    },
    stop: async () => {
      child.stdin.end()
      await exit
    },
  }
}

/** The other side: does `work` for each line on stdin until it ends. */
export async function answerRounds(work: () => Promise<Round>): Promise<void> {
  for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(await work()))
}

/** Rounds in turns, after some that are not counted: code is compiled and memory taken in the first ones. */
export async function inTurns(
  contenders: readonly Contender[],
  rounds: { readonly before: number; readonly counted: number },
): Promise<Round[][]> {
  const taken = contenders.map((): Round[] => [])
  for (let i = -rounds.before; i < rounds.counted; i++)
    for (const [n, contender] of contenders.entries()) {
      const round = await contender.round()
      if (i >= 0) taken[n]?.push(round)
    }
  for (const contender of contenders) await contender.stop()
  return taken
}
