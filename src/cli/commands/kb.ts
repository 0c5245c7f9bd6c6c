import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { type Config, languageOf } from '../../app/config.ts'
import { openStateOf } from '../../app/engines.ts'
import { embedderOf, milvusKnowledgeOf, milvusOf } from '../../app/knowledge.ts'
import { allRunbooks } from '../../app/runbooks.ts'
import { createKnowledgeBase, type KnowledgeBase, readRunbookFolder } from '../../knowledge/knowledge-base.ts'
import type { MilvusKnowledge, SyncReport } from '../../knowledge/milvus-knowledge.ts'
import { readRunbook } from '../../knowledge/runbook-reader.ts'
import type { UiLanguage } from '../../pipeline/incident.ts'
import type { Runbook } from '../../pipeline/knowledge.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { silentLogger } from '../../platform/logger.ts'
import { commandConfig } from '../command-config.ts'
import { dim, padEnd, plain } from '../terminal.ts'

interface SearchFlags {
  dir?: string
  corpus?: string
  queries?: string
  json?: boolean
  lang?: UiLanguage
  limit: string
  expect?: string
}

export function registerKb(program: Command): void {
  const kb = program.command('kb').description('Runbooks: what explanations and first steps are taken from')
  const configOf = (): Config => commandConfig(program)
  const loadBase = (config: Config): KnowledgeBase => createKnowledgeBase(allRunbooks(config))

  kb.command('list')
    .description('All runbooks')
    .option('--lang <language>', 'ko or en')
    .option('--json', 'machine output')
    .action((flags: { lang?: UiLanguage; json?: boolean }) => {
      const config = configOf()
      const base = loadBase(config)
      const language = flags.lang ?? languageOf(config)
      const pages = [...new Set(base.documents.map((page) => page.id))]
        .sort()
        .flatMap((id) => base.get(id, language) ?? [])
      if (flags.json === true)
        return console.log(
          JSON.stringify(pages.map(({ id, title, category, source }) => ({ id, title, category, source }))),
        )
      for (const page of pages)
        console.log(
          `  ${padEnd(page.id, 28)}${padEnd(page.title, 48)}${dim(page.source === 'bundled' ? '' : page.source)}`,
        )
    })

  kb.command('show')
    .description('One runbook')
    .argument('<id>')
    .option('--lang <language>', 'ko or en')
    .action((id: string, flags: { lang?: UiLanguage }) => {
      const config = configOf()
      const page = loadBase(config).get(id, flags.lang ?? languageOf(config))
      if (page === undefined)
        throw new CaliError('no_such_runbook', `there is no runbook "${id}". cali kb list shows all.`)
      console.log(page.markdown.trim())
    })

  kb.command('add')
    .description(
      'Check a page (Markdown) and add it; it counts from the next start on (with Milvus: from "kb sync" on)',
    )
    .argument('<file>')
    .action((file: string) => {
      const config = configOf()
      const page = readRunbook(readFileSync(file, 'utf8'), file, file)
      const folder = join(config.dataDir, 'runbooks')
      mkdirSync(folder, { recursive: true })
      copyFileSync(file, join(folder, basename(file)))
      console.log(
        `  ${page.id} (${page.language}): ${page.title}, ${page.diagnosis.length + page.mitigation.length} steps, added to ${folder}`,
      )
    })

  kb.command('sync')
    .description('Make Milvus hold the pages of this configuration, and delete those that it does not hold any more')
    .option('--dry-run', 'only say what would be done')
    .option('--keep', 'delete no pages: others add theirs too')
    .option('--prune', 'delete the collections of earlier models')
    .option('--json', 'machine output')
    .action(async (flags: { dryRun?: boolean; keep?: boolean; prune?: boolean; json?: boolean }) => {
      const config = configOf()
      if (config.milvus.address === undefined)
        throw new CaliError(
          'no_milvus',
          'milvus.address is not set: runbooks are read from their folders at each start, and there is nothing to sync. Set CALI_MILVUS_ADDRESS.',
        )
      await withMilvus(config, async (knowledge) => {
        const options = { remove: flags.keep !== true, dryRun: flags.dryRun === true }
        const report = await knowledge.sync(options)
        const dropped = flags.prune === true && !options.dryRun ? await knowledge.prune() : []
        if (flags.json === true) console.log(JSON.stringify({ ...report, dropped, dryRun: options.dryRun }))
        else printSync(report, dropped, options)
      })
    })

  kb.command('search')
    .description('Rank pages for a question, or for many from a file')
    .argument('[question...]')
    .option('--dir <folder>', 'search the pages of this folder instead')
    .option('--corpus <file>', 'search documents of a JSON-lines file: {"id","title","text"}')
    .option('--queries <file>', 'questions as JSON lines: {"id","text"}')
    .option('--lang <language>', 'language of titles')
    .option('--limit <n>', 'pages per question', '10')
    .option('--expect <page>', 'exit code 1 unless the configured store itself finds this page')
    .option('--json', 'machine output: one {"id","ranking","scores","abstain"} per question')
    .action(async (question: string[], flags: SearchFlags) => {
      const config = configOf()
      const language = flags.lang ?? languageOf(config)
      const questions =
        flags.queries === undefined
          ? [{ id: 'q', text: question.join(' ') }]
          : jsonLines<{ id: string; text: string }>(flags.queries)
      const answer = async (base: KnowledgeBase): Promise<void> => {
        for (const { id, text } of questions) await show(base, id, text, { ...flags, language })
      }
      if (flags.corpus !== undefined) return answer(createKnowledgeBase(readCorpus(flags.corpus)))
      if (flags.dir !== undefined) return answer(createKnowledgeBase(readRunbookFolder(flags.dir, flags.dir)))
      if (config.milvus.address === undefined) return answer(loadBase(config))
      return withMilvus(config, answer)
    })
}

async function show(
  base: KnowledgeBase,
  id: string,
  text: string,
  flags: SearchFlags & { language: UiLanguage },
): Promise<void> {
  const { language } = flags
  const result = await base.search({ parts: [{ text, weight: 1 }], language, limit: Number(flags.limit) })
  const fault = flags.expect === undefined ? undefined : smokeFault(result, flags.expect)
  if (fault !== undefined) {
    console.error(`  ${fault}`)
    process.exitCode = 1
  }
  if (flags.json === true)
    console.log(
      JSON.stringify({
        id,
        ranking: result.hits.map((hit) => hit.runbook.id),
        scores: result.hits.map((hit) => Math.round(hit.score * 1000) / 1000),
        abstain: result.abstain,
        ...(result.degraded === undefined ? {} : { degraded: result.degraded.part }),
      }),
    )
  else {
    if (result.degraded !== undefined) console.error(dim(`  by words alone: ${plain(result.degraded.reason)}`))
    if (result.abstain) console.log(dim('  nothing fits well; nearest:'))
    for (const hit of result.hits)
      console.log(`  ${hit.score.toFixed(2)}  ${padEnd(hit.runbook.id, 28)}${hit.runbook.title}`)
  }
}

/** Why a smoke question is not answered as it has to be; undefined where it is. */
function smokeFault(
  { degraded, abstain, hits }: Awaited<ReturnType<KnowledgeBase['search']>>,
  page: string,
): string | undefined {
  if (degraded !== undefined) return `answered without ${degraded.part}: ${plain(degraded.reason)}`
  if (abstain) return `nothing fits the question well, so ${page} is not found`
  return hits.some((hit) => hit.runbook.id === page) ? undefined : `${page} is not among the ${hits.length} pages found`
}

async function withMilvus(config: Config, work: (knowledge: MilvusKnowledge) => Promise<void>): Promise<void> {
  const milvus = milvusOf(config)
  if (milvus === undefined) return
  // Vectors that were paid for are kept where the program keeps them.
  const state = embedderOf(config) === undefined ? undefined : await openStateOf(config, systemClock)
  try {
    // Loading the client counts for no search's timeout.
    await milvus.version().catch(() => undefined)
    await work(
      milvusKnowledgeOf({
        config,
        milvus,
        vectors: state?.vectors ?? { load: async () => new Map(), save: async () => undefined },
        clock: systemClock,
        logger: silentLogger,
      }),
    )
  } finally {
    await milvus.close()
    await state?.close()
  }
}

function printSync(
  report: SyncReport,
  dropped: readonly string[],
  { remove, dryRun }: { remove: boolean; dryRun: boolean },
): void {
  const would = dryRun ? 'would be ' : ''
  console.log(`  ${report.collection}${report.created ? ` ${would}made` : ''}`)
  console.log(
    `  ${report.pages.length} pages ${would}written (${report.rows} rows), ${report.unchanged} rows unchanged`,
  )
  for (const id of report.pages) console.log(dim(`    ${plain(id)}`))
  if (report.foreign.length > 0)
    console.log(
      `  ${report.foreign.length} pages of others ${remove ? `${would}deleted` : 'kept'}: ${plain(report.foreign.join(', '))}`,
    )
  for (const name of report.stale.filter((one) => !dropped.includes(one)))
    console.log(dim(`  no longer used: ${name} (--prune deletes it)`))
  for (const name of dropped) console.log(`  deleted: ${name}`)
}

function readCorpus(file: string): Runbook[] {
  return jsonLines<{ id: string; title?: string; text?: string; text_masked?: string; lang?: UiLanguage }>(file).map(
    (document) => ({
      id: document.id,
      language: document.lang === 'ko' ? 'ko' : 'en',
      title: document.title ?? '',
      category: 'unknown',
      tags: [],
      sampleErrors: [],
      diagnosis: [],
      mitigation: [],
      markdown: document.text_masked ?? document.text ?? '',
      source: file,
    }),
  )
}

function jsonLines<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return []
      try {
        return [JSON.parse(line) as T]
      } catch (error) {
        throw new CaliError('not_json_lines', `${file}:${i + 1}: is not JSON: ${(error as Error).message}`, {
          cause: error,
        })
      }
    })
}
