import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { type Config, languageOf, readConfig } from '../../app/config.ts'
import { ownRunbooks } from '../../app/runbooks.ts'
import {
  bundledRunbooks,
  createKnowledgeBase,
  type KnowledgeBase,
  readRunbookFolder,
} from '../../knowledge/knowledge-base.ts'
import { readRunbook } from '../../knowledge/runbook-reader.ts'
import type { UiLanguage } from '../../pipeline/incident.ts'
import type { Runbook } from '../../pipeline/knowledge.ts'
import { processEnvironment } from '../../platform/config/environment.ts'
import { CaliError } from '../../platform/error.ts'
import { dim, padEnd } from '../terminal.ts'

interface SearchFlags {
  dir?: string
  corpus?: string
  queries?: string
  json?: boolean
  lang?: UiLanguage
  limit: string
}

export function registerKb(program: Command): void {
  const kb = program.command('kb').description('Runbooks: what explanations and first steps are taken from')
  const configOf = (): Config =>
    readConfig({
      environment: processEnvironment(),
      ...(program.opts<{ config?: string }>().config === undefined
        ? {}
        : { file: program.opts<{ config: string }>().config }),
    }).value
  const loadBase = (config: Config): KnowledgeBase =>
    createKnowledgeBase([...readRunbookFolder(bundledRunbooks(), 'bundled'), ...ownRunbooks(config)])

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
    .description('Check a page (Markdown) and add it; it counts from the next start on')
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

  kb.command('search')
    .description('Rank pages for a question, or for many from a file')
    .argument('[question...]')
    .option('--dir <folder>', 'search the pages of this folder instead')
    .option('--corpus <file>', 'search documents of a JSON-lines file: {"id","title","text"}')
    .option('--queries <file>', 'questions as JSON lines: {"id","text"}')
    .option('--lang <language>', 'language of titles')
    .option('--limit <n>', 'pages per question', '10')
    .option('--json', 'machine output: one {"id","ranking","scores","abstain"} per question')
    .action(async (question: string[], flags: SearchFlags) => {
      const config = configOf()
      const language = flags.lang ?? languageOf(config)
      const base =
        flags.corpus !== undefined
          ? createKnowledgeBase(readCorpus(flags.corpus))
          : flags.dir !== undefined
            ? createKnowledgeBase(readRunbookFolder(flags.dir, flags.dir))
            : loadBase(config)
      const questions =
        flags.queries === undefined
          ? [{ id: 'q', text: question.join(' ') }]
          : jsonLines<{ id: string; text: string }>(flags.queries)
      for (const { id, text } of questions) {
        const result = await base.search({ parts: [{ text, weight: 1 }], language, limit: Number(flags.limit) })
        if (flags.json === true)
          console.log(
            JSON.stringify({
              id,
              ranking: result.hits.map((hit) => hit.runbook.id),
              scores: result.hits.map((hit) => Math.round(hit.score * 1000) / 1000),
              abstain: result.abstain,
            }),
          )
        else {
          if (result.abstain) console.log(dim('  nothing fits well; nearest:'))
          for (const hit of result.hits)
            console.log(`  ${hit.score.toFixed(2)}  ${padEnd(hit.runbook.id, 28)}${hit.runbook.title}`)
        }
      }
    })
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
