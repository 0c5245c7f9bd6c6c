/** Status line: how far a long command has come, on one line of stderr that overwrites itself; nothing without a terminal. */
export interface StatusLine {
  update(text: string): void
  /** Takes the line away, before something else is printed and at the end. */
  clear(): void
}

const EVERY_MS = 200

export function statusLine(stream: NodeJS.WriteStream = process.stderr, now = () => performance.now()): StatusLine {
  let last = Number.NEGATIVE_INFINITY
  let shown = false
  return {
    update: (text) => {
      if (!stream.isTTY || now() - last < EVERY_MS) return
      last = now()
      shown = true
      stream.write(`\r\u001b[2K  ${text}`)
    },
    clear: () => {
      if (shown) stream.write('\r\u001b[2K')
      shown = false
    },
  }
}
