import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SiteSession, SiteSessionStore } from '../../src/index.ts'

/** What has to be done when a login begins a session of the app's own. */
export interface SessionSteps {
  readonly endsOld: boolean
  readonly newId: boolean
  readonly empties: boolean
  /** Whether what the store fails at ends the login. */
  readonly awaits: boolean
}

/** A session of the application's own, behind a cookie. */
export interface NodeSession extends SiteSession {
  /** Stores what was written. */
  save(): Promise<void>
}

/** Opens the session of a request, or one that is empty. */
export async function openSession(
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  store: SiteSessionStore,
  steps: SessionSteps,
): Promise<NodeSession> {
  const { cookieName } = store
  let id = new RegExp(`(?:^|; )${cookieName}=([\\w-]+)`).exec(req.headers.cookie ?? '')?.[1]
  const found = id === undefined ? undefined : await store.get(id)
  if (found === undefined) id = undefined
  let content: Record<string, string> = { ...found }
  let written = false

  async function save(): Promise<void> {
    if (!written) return
    id ??= randomUUID()
    await store.set(id, content)
    res.appendHeader('set-cookie', `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax`)
    written = false
  }

  return {
    read: (name) => content[name],
    write(name, value) {
      content[name] = value
      written = true
    },
    async begin(fresh) {
      try {
        if (id !== undefined && steps.endsOld) await store.destroy(id)
        if (steps.newId) id = undefined
        content = { ...(steps.empties ? {} : content), ...fresh }
        written = true
        await save()
      } catch (error) {
        if (steps.awaits) throw error
        // The login goes on: the browser keeps the session it came with, now with a user in it.
      }
    },
    save,
  }
}
