import { z } from 'zod'
import type { System } from '../../app/system.ts'
import { type NotificationView, notificationOf } from '../notification-view.ts'
import { notificationSchema } from '../schema.ts'
import type { ZodApi } from '../zod-api.ts'

const NEWEST = 50

export function slackRoutes(api: ZodApi, system: System): void {
  api.get(
    '/api/slack',
    {
      schema: {
        response: {
          200: z.object({ notifications: z.array(notificationSchema), mode: z.enum(['bot', 'webhook', 'preview']) }),
        },
      },
    },
    async () => {
      const notifications: NotificationView[] = []
      for (const incident of await system.state.incidents.list({ limit: NEWEST })) {
        const found = await notificationOf(
          incident,
          await system.investigator.reportOf(incident, system.language),
          system,
        )
        if (found !== undefined) notifications.push(found)
      }
      return { notifications, mode: system.notifier.mode }
    },
  )
}
