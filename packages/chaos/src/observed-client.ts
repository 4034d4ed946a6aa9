import type { TikTokClient } from '@tiktok-auth/core'
import type { Point, Report } from './messages.ts'

/** The client, with every use of a refresh token told before it is sent and when its answer is there. */
export function observedClient(
  client: TikTokClient,
  { report, pass }: { report: (report: Report) => void; pass: (point: Point) => Promise<void> },
): TikTokClient {
  return {
    ...client,
    async refresh(refreshToken, previous) {
      report({ type: 'sending', refreshToken })
      const next = await client.refresh(refreshToken, previous)
      report({ type: 'answered', consumed: refreshToken, refreshToken: next.refreshToken })
      await pass('answered')
      return next
    },
  }
}
