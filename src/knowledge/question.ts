/** Question: text of an error without what only this run has (ids, times, runtime frames), which would drown the rest. */

const RUNTIME_FRAME =
  /^\s+at .*(?:node:|node_modules|\(native\)|<anonymous>)|^\s+at (?:java|javax|jakarta|sun|jdk|org\.springframework|org\.apache|org\.hibernate|com\.zaxxer|io\.netty|reactor)\.|^\s+File ".*(?:site-packages|dist-packages|lib\/python)/
const FRAME = /^\s+at |^\s+File "|^\s+\.\.\. \d+ more/
const NODE_NOISE =
  /^\s*(?:errno|syscall|address|port|input|cmd|context)\b|^\s*(?:path|url|dest|requireStack):|^\s*[{}\])]+,?$|^node:|^Node\.js v|^Emitted 'error' event on /
/** Marks a place in the line of source above it, which says nothing about the fault. */
const CARETS = /^\s*[\^~]+\s*$/
const NOISE = [
  // Paths of the program's own files; those of the system tell more.
  /(?<![\w:/])\/(?:[\w.@-]{1,80}\/){1,20}[\w.@-]{1,80}\.(?:[cm]?[jt]sx?|py|rb|java|go|ya?ml|json|conf)\b/g,
  /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}\S{0,12}/g,
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b(?:0x)?[0-9a-f]{8,}\b/gi,
  /\b\d+(?:\.\d+)*(?:ms|s|MB|KB|GB|%)?\b/g,
  /\[[A-Z_]{2,20}:[0-9a-f]{4}\]/g,
]

/** The telling part of an error's text: its own words and the first frame of the team's code. */
export function cleanQuestion(text: string): string {
  const lines: string[] = []
  let frames = 0
  const all = text.split('\n').slice(0, 200)
  for (const [i, line] of all.entries()) {
    if (CARETS.test(line) || CARETS.test(all[i + 1] ?? '') || NODE_NOISE.test(line) || RUNTIME_FRAME.test(line))
      continue
    if (FRAME.test(line) && ++frames > 1) continue
    lines.push(line)
  }
  return NOISE.reduce((cleaned, pattern) => cleaned.replace(pattern, ' '), lines.join('\n')).slice(0, 6_000)
}
