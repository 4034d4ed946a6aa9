// Runs on workerd: an app as the README shows it, its grants in PostgreSQL behind HTTP, as with Neon's driver.
import { postgresTokenStore } from '@tiktok-auth/store-postgres'
// @ts-expect-error -- the host's own module
import { env, waitUntil } from 'cloudflare:workers'
import { errorResponse, tiktokAuth, type TikTokHandler } from '../../src/index.ts'
import type { WorkerSettings } from '../support/start-worker.ts'

const { databaseUrl, holds, options } = JSON.parse((env as { SETTINGS: string }).SETTINGS) as WorkerSettings

async function query(text: string, values: string[]): Promise<{ rows: readonly unknown[] }> {
  const reply = await fetch(databaseUrl, { method: 'POST', body: JSON.stringify({ text, values }) })
  if (!reply.ok) throw new Error(await reply.text())
  return reply.json()
}

const tiktok: TikTokHandler = tiktokAuth({
  ...options,
  store: postgresTokenStore({ query }),
  onError: errorResponse,
  ...(holds && { waitUntil: waitUntil as (work: Promise<unknown>) => void }),
})

export default {
  async fetch(request: Request): Promise<Response> {
    const answer = (await tiktok(request)) ?? (await tiktok.requireLogin(request))
    if (answer) return answer
    const user = await tiktok.signedIn(request)
    try {
      return user.apply(Response.json({ accessToken: await user.accessToken() }))
    } catch (error) {
      return (await tiktok.recover(error, request)) ?? user.apply(errorResponse(error))
    }
  },
}
