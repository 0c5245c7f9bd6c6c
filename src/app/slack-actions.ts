import type { NotifyStage } from '../pipeline/notify/notify-stage.ts'
import type { SlackAction } from '../pipeline/notify/slack-socket-listener.ts'
import type { IncidentPatch } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import type { State } from '../state/state.ts'
import type { Live } from './live.ts'

/** What the buttons of a message do. Links (open, runbook) come here too and do nothing. */
export function slackActions(deps: {
  readonly state: State
  readonly live: Live
  readonly notify: Pick<NotifyStage, 'wake'>
  readonly clock: Clock
}): (action: SlackAction) => Promise<void> {
  return async ({ action, value, by }) => {
    const now = deps.clock.now()
    const [id = '', hours] = value.split(':')
    const patch: IncidentPatch | undefined =
      action === 'cali_acknowledge'
        ? { state: 'acknowledged', acknowledgedBy: by }
        : action === 'cali_resolve'
          ? { state: 'resolved', resolvedBy: by }
          : action === 'cali_snooze'
            ? { mutedUntil: now + Number(hours ?? 1) * 3_600_000 }
            : undefined
    if (patch === undefined || (await deps.state.incidents.patch(id, patch, by, now)) === undefined) return
    deps.live.publish({ type: 'incident', id, kind: 'changed' })
    deps.notify.wake()
  }
}
