import type { AuthAnswer } from '@tiktok-auth/core'

type ErrorHeaders = Readonly<Record<string, string | readonly string[]>>

/** What errors carried of their own. Somebody may throw one error for many requests. */
const carried = new WeakMap<Error, ErrorHeaders>()

/**
 * Gives an error the headers that its answer needs: Koa takes every other one off before it answers an error.
 *
 * What cannot carry any, such as a frozen error or no error at all, becomes the cause of one that can.
 */
export function carryHeaders(error: unknown, headers: AuthAnswer['headers']): unknown {
  if (headers.length === 0) return error
  const carrier = canCarry(error) ? error : wrapped(error)
  const own = carried.get(carrier) ?? headersOf(carrier)
  carried.set(carrier, own)
  const all = new Map(Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]))
  for (const [name, value] of headers) {
    all.set(name, name === 'set-cookie' ? [...[all.get(name) ?? []].flat(), value] : value)
  }
  // Not for logs: a cookie's name says which login it belonged to.
  Object.defineProperty(carrier, 'headers', {
    value: Object.fromEntries(all),
    configurable: true,
    writable: true,
    enumerable: false,
  })
  return carrier
}

function canCarry(error: unknown): error is Error {
  return error instanceof Error && Object.isExtensible(error)
}

function wrapped(error: unknown): Error {
  const { status } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown }
  return Object.assign(new Error('Not an error that Koa can answer.', { cause: error }), { status })
}

function headersOf(error: Error): ErrorHeaders {
  return (error as { headers?: ErrorHeaders }).headers ?? {}
}
