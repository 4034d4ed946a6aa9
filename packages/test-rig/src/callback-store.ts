import type { SiteSessionStore } from '@tiktok-auth/conformance'

type Done<Result> = (error: unknown, result?: Result) => void

/** A store of sessions as most session middleware takes it. */
export interface CallbackStore<Content> {
  get(id: string, done: Done<Content | null>): void
  set(id: string, content: Content, done?: Done<void>): void
  destroy(id: string, done?: Done<void>): void
}

/** Gives the kit's store of an app's own sessions the form that express-session and @fastify/session take. */
export function callbackStore<Content extends object>(store: SiteSessionStore): CallbackStore<Content> {
  const tell = <Result>(work: Promise<Result>, done?: Done<Result>): void => {
    work.then(
      (result) => done?.(null, result),
      (error: unknown) => done?.(error),
    )
  }
  return {
    get: (id, done) =>
      tell(store.get(id) as Promise<Content | undefined>, (error, row) => done(error, row ?? null)),
    set: (id, content, done) => tell(store.set(id, content), done),
    destroy: (id, done) => tell(store.destroy(id), done),
  }
}
