import { z } from 'zod'
import type { ApiOptions } from '../server.ts'
import type { ZodApi } from '../zod-api.ts'

const setting = z.object({ key: z.string(), value: z.string(), origin: z.string(), description: z.string() })

export function settingsRoutes(api: ZodApi, { settings }: ApiOptions): void {
  api.get('/api/settings', { schema: { response: { 200: z.object({ settings: z.array(setting) }) } } }, () => ({
    settings: [...settings],
  }))
}
