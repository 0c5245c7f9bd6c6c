/** Runbook reader: one Markdown page with YAML front matter to a Runbook. */
import { parse } from 'yaml'
import { z } from 'zod'
import { CAUSE_CATEGORIES, type Risk } from '../pipeline/incident.ts'
import type { Runbook, RunbookStep } from '../pipeline/knowledge.ts'
import { CaliError, messageOf } from '../platform/error.ts'

const frontMatter = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,80}$/)
    .optional(),
  lang: z.enum(['ko', 'en']).optional(),
  title: z.string().optional(),
  category: z.enum(CAUSE_CATEGORIES).default('unknown'),
  tags: z.array(z.coerce.string()).default([]),
  analogy: z.string().optional(),
  cause: z.string().optional(),
  sample_errors: z.array(z.coerce.string()).default([]),
})

const DIAGNOSIS = /^##\s+(?:Diagnosis|진단)(?:\s|$)/i
const MITIGATION = /^##\s+(?:Mitigation|완화)(?:\s|$)/i
const RISK_MARKS: readonly (readonly [RegExp, Risk])[] = [
  [/^\((?:destructive|되돌릴 수 없음)\)\s*/i, 'destructive'],
  [/^\((?:reversible|되돌릴 수 있음)\)\s*/i, 'reversible'],
  [/^\((?:read-only|read_only|읽기 전용)\)\s*/i, 'read_only'],
]

/** Reads a page; a page without front matter is a page with its first heading as title. Throws a CaliError. */
export function readRunbook(text: string, path: string, source: string): Runbook {
  const unix = text.replace(/^\ufeff/, '').replace(/\r\n/g, '\n')
  const m = /^---\n([\s\S]*?)\n---\n?/.exec(unix)
  const markdown = m === null ? unix : unix.slice(m[0].length)
  let head: z.output<typeof frontMatter>
  try {
    head = frontMatter.parse(m === null ? {} : (parse(m[1] as string) ?? {}))
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new CaliError('runbook_invalid', `${path}: the front matter cannot be read: ${detail}`, { cause: error })
  }
  const name = path.split(/[\\/]/).at(-1) ?? path
  const title = head.title ?? /^#\s+(.+)$/m.exec(markdown)?.[1]?.trim() ?? name
  return {
    id:
      head.id ??
      name
        .replace(/(?:\.(?:ko|en))?\.md$/, '')
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-'),
    language: head.lang ?? (/[가-힣]/.test(title) ? 'ko' : 'en'),
    title,
    category: head.category,
    tags: head.tags,
    ...(head.analogy === undefined ? {} : { analogy: head.analogy }),
    ...(head.cause === undefined ? {} : { cause: head.cause }),
    sampleErrors: head.sample_errors,
    ...readSteps(markdown),
    markdown,
    source,
  }
}

/** The steps of a page's text. */
export const readSteps = (markdown: string): Pick<Runbook, 'diagnosis' | 'mitigation'> => ({
  diagnosis: stepsUnder(markdown, DIAGNOSIS, 'read_only'),
  mitigation: stepsUnder(markdown, MITIGATION, 'reversible'),
})

/** The numbered steps of one section; a fenced command right below a step belongs to it. */
function stepsUnder(markdown: string, heading: RegExp, unmarked: Risk): RunbookStep[] {
  const steps: { text: string; risk: Risk }[] = []
  let inside = false
  let fenced = false
  for (const line of markdown.split('\n')) {
    if (/^##\s/.test(line)) inside = heading.test(line)
    else if (!inside) continue
    else if (/^\s*```/.test(line)) fenced = !fenced
    else if (fenced) {
      const last = steps.at(-1)
      if (last !== undefined && line.trim() !== '') last.text += ` \`${line.trim()}\``
    } else {
      const m = /^\s{0,3}\d+[.)]\s+(.*)$/.exec(line)
      if (m !== null) steps.push(markedStep(m[1] as string, unmarked))
      else if (/^\s{2,}\S/.test(line) && steps.length > 0) (steps.at(-1) as { text: string }).text += ` ${line.trim()}`
    }
  }
  return steps
}

function markedStep(text: string, unmarked: Risk): { text: string; risk: Risk } {
  for (const [mark, risk] of RISK_MARKS) if (mark.test(text)) return { text: text.replace(mark, '').trim(), risk }
  return { text: text.trim(), risk: unmarked }
}
