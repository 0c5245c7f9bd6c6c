/** Progress on a terminal: one line on stderr that overwrites itself; nothing where stderr is no terminal. */
export interface Progress {
  update(progress: { file: string; bytesRead: number; size: number | undefined; lines: number }): void
  done(): void
}

const EVERY_MS = 200
const BAR = 24

export function createProgress(stream: NodeJS.WriteStream, files: number): Progress {
  const started = performance.now()
  let last = started
  let shown = false
  return {
    update: ({ file, bytesRead, size, lines }) => {
      const now = performance.now()
      if (!stream.isTTY || now - last < EVERY_MS) return
      last = now
      shown = true
      const rate = Math.round(lines / ((now - started) / 1000))
      const part = size === undefined || size === 0 ? undefined : Math.min(1, bytesRead / size)
      const bar =
        part === undefined ? '' : `${'█'.repeat(Math.round(part * BAR)).padEnd(BAR, '·')} ${Math.round(part * 100)}%  `
      const name = files > 1 ? `${file.slice(-40)}  ` : ''
      stream.write(
        `\r\u001b[2K  ${name}${bar}${lines.toLocaleString('en-US')} lines  ${rate.toLocaleString('en-US')}/s`,
      )
    },
    done: () => {
      if (shown) stream.write('\r\u001b[2K')
    },
  }
}
