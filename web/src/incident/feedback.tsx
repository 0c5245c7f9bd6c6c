import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../api/client'
import type { IncidentDetail } from '../api/nouns'
import { useLanguage } from '../language/language'
import { useActor } from '../shell/actor'
import { Icon } from '../shell/icon'
import { useToast } from '../shell/toast'

interface Props {
  incident: string
  hypothesis: string
  given: IncidentDetail['feedback']
}

type Verdict = 'helpful' | 'wrong'

/** One click for "helpful"; "wrong" asks what it was instead, because that is what improves the next report. */
export function HypothesisFeedback({ incident, hypothesis, given }: Props) {
  const { t } = useLanguage()
  const client = useQueryClient()
  const actor = useActor()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const [note, setNote] = useState('')
  const mutation = useMutation({
    mutationFn: (body: { hypothesis: string; verdict: Verdict; note?: string; by: string }) =>
      ask(api.POST('/api/incidents/{id}/feedback', { params: { path: { id: incident } }, body })),
    onSuccess: () => {
      setAsking(false)
      toast({ text: t.toast.thanks })
    },
    onError: (error) => toast({ text: t.toast.failed(error.message), tone: 'failure' }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['incident', incident] }),
  })
  const give = async (verdict: Verdict): Promise<void> => {
    const by = await actor.require()
    if (by === undefined) return
    const text = note.trim()
    mutation.mutate({ hypothesis, verdict, by, ...(verdict === 'wrong' && text !== '' ? { note: text } : {}) })
  }
  const last = given.at(-1)?.verdict
  return (
    <div className="feedback">
      <fieldset className="feedback-buttons" aria-label={t.incident.feedback}>
        <button
          type="button"
          className="icon-button"
          title={t.incident.helpful}
          aria-label={t.incident.helpful}
          aria-pressed={last === 'helpful'}
          disabled={mutation.isPending}
          onClick={() => void give('helpful')}
        >
          <Icon name="thumbUp" />
        </button>
        <button
          type="button"
          className="icon-button"
          title={t.incident.wrong}
          aria-label={t.incident.wrong}
          aria-pressed={last === 'wrong'}
          aria-expanded={asking}
          disabled={mutation.isPending}
          onClick={() => setAsking(!asking)}
        >
          <Icon name="thumbDown" />
        </button>
      </fieldset>
      {given.length > 0 && (
        <ul className="feedback-given faint small">
          {given.map((entry) => (
            <li key={`${entry.at}${entry.actor}`}>
              {t.incident.feedbackGiven(
                entry.verdict === 'helpful' ? t.incident.helpful : t.incident.wrong,
                entry.actor,
              )}
              {entry.note !== null && entry.note !== '' && <> · {entry.note}</>}
            </li>
          ))}
        </ul>
      )}
      {asking && (
        <form
          className="feedback-form"
          onSubmit={(event) => {
            event.preventDefault()
            void give('wrong')
          }}
        >
          <label className="field">
            <span>{t.incident.feedbackNote}</span>
            <input
              // biome-ignore lint/a11y/noAutofocus: opened by the button beside it, to be typed into
              autoFocus
              maxLength={500}
              value={note}
              onChange={({ target }) => setNote(target.value)}
            />
          </label>
          <button type="submit" className="button" disabled={mutation.isPending}>
            {t.incident.feedbackSend}
          </button>
        </form>
      )}
    </div>
  )
}
