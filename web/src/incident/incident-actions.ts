/** What a person does to an incident: shown at once, undone from the toast, taken back when the server refuses. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ask } from '../api/client'
import type { Incident, IncidentDetail, IncidentList, IncidentState } from '../api/nouns'
import { useLanguage } from '../language/language'
import { useActor } from '../shell/actor'
import { useToast } from '../shell/toast'

type Deed =
  | { verb: 'acknowledge' | 'reopen' | 'unmute' }
  | { verb: 'resolve'; note?: string }
  | { verb: 'mute'; minutes: number }
  | { verb: 'rename'; title: string }
  | { verb: 'merge'; incidents: string[] }
  | { verb: 'split'; fingerprint: string }

interface Request {
  id: string
  by: string
  deed: Deed
  /** Said when it is done, with the way back. A step of a way back says nothing. */
  done?: { text: string; undo?: () => void }
}

export interface IncidentActions {
  acknowledge(incident: Incident): void
  resolve(incident: Incident, note?: string): void
  reopen(incident: Incident): void
  mute(incident: Incident, minutes: number): void
  unmute(incident: Incident): void
  rename(incident: Incident, title: string): void
  /** Makes this incident part of another one. */
  mergeInto(incident: Incident, other: string): void
  split(incident: Incident, fingerprint: string): void
}

export function useIncidentActions(): IncidentActions {
  const { t, format } = useLanguage()
  const client = useQueryClient()
  const toast = useToast()
  const actor = useActor()

  const patch = (id: string, change: Partial<Incident>): void => {
    client.setQueriesData<IncidentList>({ queryKey: ['incidents'] }, (list) =>
      list === undefined
        ? undefined
        : { ...list, incidents: list.incidents.map((row) => (row.id === id ? { ...row, ...change } : row)) },
    )
    client.setQueriesData<IncidentDetail>({ queryKey: ['incident', id] }, (detail) =>
      detail === undefined ? undefined : { ...detail, incident: { ...detail.incident, ...change } },
    )
  }
  const mutation = useMutation({
    mutationFn: perform,
    onMutate: async (request) => {
      await client.cancelQueries({ queryKey: ['incidents'] })
      await client.cancelQueries({ queryKey: ['incident', request.id] })
      patch(request.id, expected(request))
    },
    // Here and not at the call: a dialog that asked is closed by now, and its callbacks with it.
    onSuccess: (incident, { done }) => {
      patch(incident.id, incident)
      if (done !== undefined) toast(done)
    },
    onError: (error) => toast({ text: t.toast.failed(error.message), tone: 'failure' }),
    onSettled: () => {
      // Also the way back after a refusal: the server's word replaces the guess.
      void client.invalidateQueries({ queryKey: ['incidents'] })
      void client.invalidateQueries({ queryKey: ['incident'] })
      void client.invalidateQueries({ queryKey: ['audit'] })
    },
  })

  const act = async ({ id }: Incident, deed: Deed, done: string, wayBack: readonly Deed[] = []): Promise<void> => {
    const by = await actor.require()
    if (by === undefined) return
    const undo = async (): Promise<void> => {
      for (const step of wayBack) await mutation.mutateAsync({ id, by, deed: step })
    }
    mutation.mutate({
      id,
      by,
      deed,
      done: { text: done, ...(wayBack.length === 0 ? {} : { undo: () => void undo() }) },
    })
  }

  return {
    acknowledge: (incident) =>
      void act(incident, { verb: 'acknowledge' }, t.toast.acknowledged(incident.id), [{ verb: 'reopen' }]),
    resolve: (incident, note) =>
      void act(
        incident,
        { verb: 'resolve', ...(note === undefined ? {} : { note }) },
        t.toast.resolved(incident.id),
        wayBackTo(incident.state),
      ),
    reopen: (incident) => void act(incident, { verb: 'reopen' }, t.toast.reopened(incident.id)),
    mute: (incident, minutes) =>
      void act(
        incident,
        { verb: 'mute', minutes },
        t.toast.muted(incident.id, format.clock(Date.now() + minutes * 60_000)),
        [{ verb: 'unmute' }],
      ),
    unmute: (incident) => void act(incident, { verb: 'unmute' }, t.toast.unmuted(incident.id)),
    rename: (incident, title) =>
      void act(incident, { verb: 'rename', title }, t.toast.renamed(incident.id), [
        { verb: 'rename', title: incident.title },
      ]),
    mergeInto: (incident, other) =>
      void act(
        { ...incident, id: other },
        { verb: 'merge', incidents: [incident.id] },
        t.toast.merged(incident.id, other),
        [{ verb: 'split', fingerprint: incident.fingerprint }],
      ),
    split: (incident, fingerprint) => void act(incident, { verb: 'split', fingerprint }, t.toast.split(incident.id)),
  }
}

const wayBackTo = (state: IncidentState): Deed[] =>
  state === 'acknowledged' ? [{ verb: 'reopen' }, { verb: 'acknowledge' }] : [{ verb: 'reopen' }]

function perform({ id, by, deed }: Request): Promise<Incident> {
  const params = { path: { id } }
  switch (deed.verb) {
    case 'acknowledge':
      return ask(api.POST('/api/incidents/{id}/acknowledge', { params, body: { by } }))
    case 'reopen':
      return ask(api.POST('/api/incidents/{id}/reopen', { params, body: { by } }))
    case 'unmute':
      return ask(api.POST('/api/incidents/{id}/unmute', { params, body: { by } }))
    case 'resolve': {
      const { verb: _, ...note } = deed
      return ask(api.POST('/api/incidents/{id}/resolve', { params, body: { by, ...note } }))
    }
    case 'mute':
      return ask(api.POST('/api/incidents/{id}/mute', { params, body: { by, minutes: deed.minutes } }))
    case 'rename':
      return ask(api.POST('/api/incidents/{id}/rename', { params, body: { by, title: deed.title } }))
    case 'merge':
      return ask(api.POST('/api/incidents/{id}/merge', { params, body: { by, incidents: deed.incidents } }))
    case 'split':
      return ask(api.POST('/api/incidents/{id}/split', { params, body: { by, fingerprint: deed.fingerprint } }))
  }
}

/** What the server will most likely answer. */
function expected({ by, deed }: Request): Partial<Incident> {
  const stateChangedAt = Date.now()
  switch (deed.verb) {
    case 'acknowledge':
      return { state: 'acknowledged', acknowledgedBy: by, stateChangedAt }
    case 'resolve':
      return { state: 'resolved', resolvedBy: by, stateChangedAt }
    case 'reopen':
      return { state: 'open', stateChangedAt }
    case 'mute':
      return { mutedUntil: stateChangedAt + deed.minutes * 60_000 }
    case 'unmute':
      return { mutedUntil: 0 }
    case 'rename':
      return { title: deed.title }
    case 'merge':
    case 'split':
      // Counts are the server's to say.
      return {}
  }
}
