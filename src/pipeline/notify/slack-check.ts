import { LogLevel, WebClient } from '@slack/web-api'
import { messageOf } from '../../platform/error.ts'

/** Who the token is, and what it may do; asks only what changes nothing. */
export async function checkSlack(options: { readonly token: string; readonly apiUrl: string }): Promise<{
  readonly team: string
  readonly bot: string
  readonly mayReadHistory: boolean
  readonly error?: string
}> {
  const client = new WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
    timeout: 10_000,
  })
  try {
    const answer = await client.auth.test()
    const scopes = answer.response_metadata?.scopes ?? []
    return {
      team: answer.team ?? '?',
      bot: answer.user ?? '?',
      mayReadHistory: scopes.some((scope) => scope.endsWith(':history')),
    }
  } catch (error) {
    return { team: '', bot: '', mayReadHistory: false, error: messageOf(error) }
  }
}
