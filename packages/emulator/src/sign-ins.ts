import { randomText } from './random.ts'

const cookieName = 'tiktok_emulator_session'

/** Remembers which browser is signed in as whom, so that a granted app can skip the consent page. */
export interface SignIns {
  /** Signs a browser in; returns the `Set-Cookie` header for it. */
  start(userId: string): string
  /** Reads from a `Cookie` header who is signed in. */
  read(cookie: string | null): string | undefined
}

/** Makes it with nobody signed in. */
export function createSignIns(): SignIns {
  const users = new Map<string, string>()
  return {
    start(userId) {
      const id = randomText(32)
      users.set(id, userId)
      return `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax`
    },
    read(cookie) {
      const pair = (cookie ?? '').split(/;\s*/).find((one) => one.startsWith(`${cookieName}=`))
      return pair === undefined ? undefined : users.get(pair.slice(cookieName.length + 1))
    },
  }
}
