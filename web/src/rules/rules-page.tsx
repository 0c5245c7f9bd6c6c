/** Rules: edit, try on the lines of the past, then save. Saving needs a preview of exactly what is saved. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../api/client'
import type { Rule, RulePreview, RuleSet } from '../api/nouns'
import { rulesQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { useActor } from '../shell/actor'
import { Icon } from '../shell/icon'
import { Page } from '../shell/page'
import { Failure, Loaded } from '../shell/states'
import { useToast } from '../shell/toast'
import { faultsOf } from './faults'
import { PreviewResult } from './preview-result'
import { RuleEditor } from './rule-editor'
import './rules.css'

export function RulesPage() {
  const { t } = useLanguage()
  const query = useQuery(rulesQuery)
  return (
    <Page title={t.rules.title} lead={t.rules.lead}>
      <Loaded query={query}>{(set) => <Editor key={JSON.stringify(set)} set={set} />}</Loaded>
    </Page>
  )
}

const SPANS = [1, 6, 24, 168] as const

function Editor({ set }: { set: RuleSet }) {
  const { t } = useLanguage()
  const [rules, setRules] = useState<readonly Rule[]>(set.rules)
  const [open, setOpen] = useState<number>()
  const [hours, setHours] = useState<number>(24)
  const preview = usePreview()
  const save = useSave()
  const faults = faultsOf(rules)
  const draft = JSON.stringify(rules)
  const changed = draft !== JSON.stringify(set.rules)
  const previewed = preview.result !== undefined && preview.of === draft
  const valid = faults.every((fault) => Object.keys(fault).length === 0)
  const replace = (index: number, rule: Rule): void => setRules(rules.map((other, at) => (at === index ? rule : other)))
  const move = (index: number, step: number): void => {
    const moved = [...rules]
    const [rule] = moved.splice(index, 1)
    if (rule === undefined) return
    moved.splice(index + step, 0, rule)
    setRules(moved)
    setOpen(undefined)
  }
  const add = (): void => {
    setRules([{ id: freeName(rules), action: 'drop', enabled: true }, ...rules])
    setOpen(0)
  }
  const reason = !changed
    ? t.rules.unchanged
    : !valid
      ? t.rules.errors
      : preview.result === undefined
        ? t.rules.previewFirst
        : previewed
          ? undefined
          : t.rules.previewStale

  return (
    <>
      <div className="rules-head">
        <p className="muted">{t.rules.source[set.source]}</p>
        <button type="button" className="button" onClick={add}>
          <Icon name="plus" />
          {t.rules.add}
        </button>
      </div>
      <ol className="rules">
        {rules.map((rule, index) => (
          <RuleEditor
            // biome-ignore lint/suspicious/noArrayIndexKey: the name is being edited, so only the position identifies it
            key={index}
            rule={rule}
            position={index + 1}
            last={index === rules.length - 1}
            open={open === index}
            faults={faults[index] ?? {}}
            onToggle={() => setOpen(open === index ? undefined : index)}
            onChange={(next) => replace(index, next)}
            onMove={(step) => move(index, step)}
            onRemove={() => {
              setRules(rules.filter((_, at) => at !== index))
              setOpen(undefined)
            }}
          />
        ))}
      </ol>
      <section className="section" aria-labelledby="preview-title">
        <h2 id="preview-title">{t.rules.preview}</h2>
        <p className="muted">{t.rules.previewLead}</p>
        <div className="buttons rules-buttons">
          <label className="inline-field">
            <span className="hidden-text">{t.rules.previewHours}</span>
            <select value={hours} onChange={({ target }) => setHours(Number(target.value))}>
              {SPANS.map((span) => (
                <option key={span} value={span}>
                  {t.rules.hours(span)}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            className={`button ${changed && valid && !previewed ? 'primary' : ''}`}
            disabled={!valid || preview.running}
            onClick={() => void preview.run(rules, hours)}
          >
            {t.rules.preview}
          </button>
          {set.source !== 'file' && (
            <button
              type="button"
              className={`button ${reason === undefined ? 'primary' : ''}`}
              disabled={reason !== undefined || save.running}
              onClick={() => void save.run(rules)}
            >
              {t.rules.save}
            </button>
          )}
          {changed && (
            <button type="button" className="button" onClick={() => setRules(set.rules)}>
              {t.rules.discard}
            </button>
          )}
          <span className="faint" role="status">
            {reason}
          </span>
        </div>
        {preview.error !== undefined && <Failure error={preview.error} />}
        {preview.result !== undefined && <PreviewResult preview={preview.result} stale={!previewed} />}
      </section>
    </>
  )
}

function usePreview() {
  const [state, setState] = useState<{ result?: RulePreview; of?: string; error?: unknown; running: boolean }>({
    running: false,
  })
  const run = async (rules: readonly Rule[], hours: number): Promise<void> => {
    setState((before) => ({ ...before, running: true }))
    try {
      const result = await ask(api.POST('/api/rules/preview', { body: { rules: [...rules], hours } }))
      setState({ result, of: JSON.stringify(rules), running: false })
    } catch (error) {
      setState({ error, running: false })
    }
  }
  return { ...state, run }
}

function useSave() {
  const { t } = useLanguage()
  const client = useQueryClient()
  const actor = useActor()
  const toast = useToast()
  const [running, setRunning] = useState(false)
  const run = async (rules: readonly Rule[]): Promise<void> => {
    const by = await actor.require()
    if (by === undefined) return
    setRunning(true)
    try {
      await ask(api.PUT('/api/rules', { body: { rules: [...rules], by } }))
      toast({ text: t.rules.saved })
      await client.invalidateQueries({ queryKey: ['rules'] })
    } catch (error) {
      toast({ text: t.toast.failed(error instanceof Error ? error.message : String(error)), tone: 'failure' })
    } finally {
      setRunning(false)
    }
  }
  return { running, run }
}

function freeName(rules: readonly Rule[]): string {
  for (let n = 1; ; n++) {
    const id = `rule-${n}`
    if (!rules.some((rule) => rule.id === id)) return id
  }
}
