/** Container line: a line as a container runtime frames it: CRI (containerd, CRI-O) or Docker's json-file driver. */
import type { Fields } from './fields.ts'
import { readCri } from './header.ts'

export interface ContainerLine {
  readonly text: string
  readonly stream: 'stdout' | 'stderr'
  readonly time: unknown
  /** False for a part of a line that the next line of this stream goes on with. */
  readonly ends: boolean
}

/** Docker cuts lines into parts of 16 KiB. */
const DOCKER_PART = 16_000

/** How docker ends each line; most records of shippers are told apart without being parsed twice. */
const DOCKER_END = /"stream":"std(?:out|err)",(?:"attrs":\{[^{}]{0,500}\},)?"time":"[^"]{10,40}"\}\s*$/

/** Whether the last field is a text: that of most shippers is the object of Kubernetes. */
const endsInText = (line: string): boolean => line.trimEnd().endsWith('"}')

export function criLine(line: string): ContainerLine | undefined {
  const cri = readCri(line)
  return cri === undefined ? undefined : { text: cri.text, stream: cri.stream, time: cri.time, ends: !cri.partial }
}

/** One line of docker's json-file driver; a line cut at 16 KiB does not end in a newline. */
export function dockerLine(fields: Fields): ContainerLine | undefined {
  const { log, stream, time } = fields
  if (
    typeof log !== 'string' ||
    (stream !== 'stdout' && stream !== 'stderr') ||
    typeof time !== 'string' ||
    Object.keys(fields).length > 4
  )
    return undefined
  return { text: log.replace(/\r?\n$/, ''), stream, time, ends: log.endsWith('\n') }
}

/**
 * A line in a payload, which may be a record of a shipper with the same three fields: only what docker alone writes, a
 * text with its line end or a whole part, counts as docker's.
 */
export function containerLine(line: string): ContainerLine | undefined {
  if (!line.startsWith('{')) return criLine(line)
  if (!line.startsWith('{"log":"') || !endsInText(line) || !DOCKER_END.test(line.slice(-600))) return undefined
  try {
    const docker = dockerLine(JSON.parse(line) as Fields)
    return docker === undefined || docker.ends || docker.text.length >= DOCKER_PART ? docker : undefined
  } catch {
    return undefined
  }
}
