/** What a person does to an incident: shown at once, undone from the toast, taken back when the server refuses. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { send } from '../api/client'
import type { Incident, IncidentDetail, IncidentList, IncidentState } from '../api/nouns'
import { useLanguage } from '../language/language'
import { useActor } from '../shell/actor'
import { useToast } from '../shell/toast'

type Verb = 'acknowledge' | 'resolve' | 'reopen' | 'mute' | 'unmute' | 'rename'

interface Request {
  id: string
  verb: Verb
  body: { by: string; minutes?: number; title?: string; note?: string }
}

export interface IncidentActions {
  acknowledge(incident: Incident): void
  resolve(incident: Incident, note?: string): void
  reopen(incident: Incident): void
  mute(incident: Incident, minutes: number): void
  unmute(incident: Incident): void
  rename(incident: Incident, title: string): void
}

export function useIncidentActions(): IncidentActions {
  const { t, format } = useLanguage()
  const client = useQueryClient()
  const toast = useToast()
  const actor = useActor()

  const patch = (id: string, change: () => Partial<Incident>): void => {
    client.setQueriesData<IncidentList>({ queryKey: ['incidents'] }, (list) =>
      list === undefined
        ? undefined
        : { ...list, incidents: list.incidents.map((row) => (row.id === id ? { ...row, ...change() } : row)) },
    )
    client.setQueriesData<IncidentDetail>({ queryKey: ['incident', id] }, (detail) =>
      detail === undefined ? undefined : { ...detail, incident: { ...detail.incident, ...change() } },
    )
  }
  const mutation = useMutation({
    mutationFn: ({ id, verb, body }: Request) =>
      send<Incident>('POST', `/api/incidents/${encodeURIComponent(id)}/${verb}`, body),
    onMutate: async ({ id, verb, body }) => {
      await client.cancelQueries({ queryKey: ['incidents'] })
      await client.cancelQueries({ queryKey: ['incident', id] })
      patch(id, () => expected(verb, body))
    },
    onSuccess: (incident) => patch(incident.id, () => incident),
    onError: (error) => toast({ text: t.toast.failed(error.message), tone: 'failure' }),
    onSettled: (_, __, { id }) => {
      // Also the way back after a refusal: the server's word replaces the guess.
      void client.invalidateQueries({ queryKey: ['incidents'] })
      void client.invalidateQueries({ queryKey: ['incident', id] })
      void client.invalidateQueries({ queryKey: ['audit'] })
    },
  })

  const act = async (
    { id }: Incident,
    verb: Verb,
    done: string,
    details: Omit<Request['body'], 'by'> = {},
    undo?: readonly { verb: Verb; details?: Omit<Request['body'], 'by'> }[],
  ): Promise<void> => {
    const by = await actor.require()
    if (by === undefined) return
    mutation.mutate(
      { id, verb, body: { by, ...details } },
      {
        onSuccess: () =>
          toast({
            text: done,
            ...(undo === undefined
              ? {}
              : {
                  undo: () =>
                    void undo.reduce<Promise<unknown>>(
                      (before, step) =>
                        before.then(() => mutation.mutateAsync({ id, verb: step.verb, body: { by, ...step.details } })),
                      Promise.resolve(),
                    ),
                }),
          }),
      },
    )
  }

  return {
    acknowledge: (incident) =>
      void act(incident, 'acknowledge', t.toast.acknowledged(incident.id), {}, [{ verb: 'reopen' }]),
    resolve: (incident, note) =>
      void act(
        incident,
        'resolve',
        t.toast.resolved(incident.id),
        note === undefined ? {} : { note },
        wayBack(incident.state),
      ),
    reopen: (incident) => void act(incident, 'reopen', t.toast.reopened(incident.id)),
    mute: (incident, minutes) =>
      void act(incident, 'mute', t.toast.muted(incident.id, format.clock(Date.now() + minutes * 60_000)), { minutes }, [
        { verb: 'unmute' },
      ]),
    unmute: (incident) => void act(incident, 'unmute', t.toast.unmuted(incident.id)),
    rename: (incident, title) =>
      void act(incident, 'rename', t.toast.renamed(incident.id), { title }, [
        { verb: 'rename', details: { title: incident.title } },
      ]),
  }
}

const wayBack = (state: IncidentState): { verb: Verb }[] =>
  state === 'acknowledged' ? [{ verb: 'reopen' }, { verb: 'acknowledge' }] : [{ verb: 'reopen' }]

/** What the server will most likely answer. */
function expected(verb: Verb, { by, minutes, title }: Request['body']): Partial<Incident> {
  const stateChangedAt = Date.now()
  switch (verb) {
    case 'acknowledge':
      return { state: 'acknowledged', acknowledgedBy: by, stateChangedAt }
    case 'resolve':
      return { state: 'resolved', resolvedBy: by, stateChangedAt }
    case 'reopen':
      return { state: 'open', stateChangedAt }
    case 'mute':
      return { mutedUntil: Date.now() + (minutes ?? 60) * 60_000 }
    case 'unmute':
      return { mutedUntil: 0 }
    case 'rename':
      return title === undefined ? {} : { title }
  }
}
