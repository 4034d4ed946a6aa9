import {
  deleteCookie,
  fitsCookie,
  prefixedName,
  readCookie,
  readCookies,
  setCookie,
  shortTag,
} from '../cookies.ts'

/** Keeps transactions in the browser that began them, one cookie per attempt. */
export interface TransactionCookies {
  /**
   * Writes the `Set-Cookie` lines of a new attempt: its own, and removals of the oldest ones where more than five
   * attempts, or more bytes than a request header can hold, would be pending. `undefined`: a browser would drop it.
   */
  set(attempt: TransactionCookie, cookieHeader: string | undefined): readonly string[] | undefined
  /** Reads the transaction of the attempt that a callback's `state` names. */
  read(state: string | null, cookieHeader: string | undefined): string | undefined
  /** Writes the `Set-Cookie` line that removes it; `undefined` when `state` cannot be one of ours. */
  clear(state: string | null): string | undefined
}

/** One attempt to log in. */
export interface TransactionCookie {
  readonly state: string
  /** Sealed. */
  readonly transaction: string
  readonly createdAt: number
}

const maxAgeSeconds = 600
const mostPending = 5
// Node answers 431 above 16 KiB of headers, and the application has cookies of its own.
const mostBytes = 6 * 1024
// A hostile `Cookie` header may name hundreds of attempts; one answer does not remove them all.
const mostRemoved = 20
const nameLength = 8
const stateText = /^[A-Za-z0-9_-]{8}/

/**
 * Creates the cookies of pending logins.
 *
 * The name comes from `state`, so that a callback finds its own attempt among several tabs, and from the client
 * key, so that two applications on one host never meet. In front of the sealed value stands its time of writing,
 * in clear: it decides nothing but which attempt is given up first.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.7
 */
export function createTransactionCookies(options: {
  readonly clientKey: string
  readonly secure: boolean
}): TransactionCookies {
  const { secure } = options
  const prefix = prefixedName(`tiktok-login-${shortTag(options.clientKey)}-`, secure)
  const nameOf = (state: string | null): string | undefined => {
    return state !== null && stateText.test(state) ? prefix + state.slice(0, nameLength) : undefined
  }

  return {
    set({ state, transaction, createdAt }, cookieHeader) {
      const name = prefix + state.slice(0, nameLength)
      const value = `${Math.floor(createdAt / 1000).toString(36)}.${transaction}`
      if (!fitsCookie(name, value)) return undefined
      const evicted = surplus(pending(cookieHeader, prefix), name.length + value.length)
      return [
        ...evicted.map((old) => deleteCookie({ name: old, secure })),
        setCookie({ name, secure }, value, maxAgeSeconds),
      ]
    },
    read(state, cookieHeader) {
      const name = nameOf(state)
      const value = name === undefined ? undefined : readCookie(cookieHeader, name)
      return value?.slice(value.indexOf('.') + 1)
    },
    clear(state) {
      const name = nameOf(state)
      return name === undefined ? undefined : deleteCookie({ name, secure })
    },
  }
}

interface Pending {
  readonly name: string
  readonly size: number
  readonly writtenAt: number
}

function pending(cookieHeader: string | undefined, prefix: string): readonly Pending[] {
  const found: Pending[] = []
  for (const [name, value] of readCookies(cookieHeader)) {
    // A name that is not ours to write is not repeated into an answer.
    if (!name.startsWith(prefix) || !/^[A-Za-z0-9_-]{8}$/.test(name.slice(prefix.length))) continue
    const writtenAt = Number.parseInt(value.slice(0, Math.max(0, value.indexOf('.'))), 36)
    found.push({ name, size: name.length + value.length, writtenAt: writtenAt || 0 })
  }
  return found.toSorted((a, b) => a.writtenAt - b.writtenAt)
}

function surplus(oldestFirst: readonly Pending[], newSize: number): readonly string[] {
  let count = oldestFirst.length + 1
  let bytes = oldestFirst.reduce((sum, { size }) => sum + size, newSize)
  const evicted: string[] = []
  for (const { name, size } of oldestFirst) {
    if ((count <= mostPending && bytes <= mostBytes) || evicted.length === mostRemoved) break
    evicted.push(name)
    count -= 1
    bytes -= size
  }
  return evicted
}
