import type { AuthAnswer } from '@tiktok-auth/core'
import type { Context } from 'koa'

/** An error as Koa answers it, with headers. */
type Carrier = Error & { headers?: Readonly<Record<string, string | readonly string[]>> }

/** Errors that carry headers of ours now, each for one request: what they carried of their own. */
const carrying = new WeakMap<object, { readonly own: Carrier['headers'] }>()

/**
 * Gives an error the headers that its answer needs: Koa takes every other one off before it answers an error.
 *
 * They are taken off again when the request is over, as somebody may throw one error for many requests; meanwhile
 * another request with that error gets one that inherits from it. What cannot carry any, such as a frozen error or no
 * error at all, becomes the cause of one that can.
 */
export function carryHeaders(error: unknown, headers: AuthAnswer['headers'], ctx: Context): unknown {
  if (headers.length === 0) return error
  const busy = typeof error === 'object' && error !== null ? carrying.get(error) : undefined
  const carrier = busy ? (Object.create(error as Error) as Carrier) : carrierOf(error)
  const own = busy ? busy.own : carrier.headers
  const before = Object.getOwnPropertyDescriptor(carrier, 'headers')
  // Not for logs: a cookie's name says which login it belonged to.
  restore(carrier, {
    value: joined(own, headers),
    configurable: true,
    writable: true,
    enumerable: false,
  })
  if (busy) return carrier
  carrying.set(carrier, { own })
  ctx.res.once('close', () => {
    carrying.delete(carrier)
    restore(carrier, before)
  })
  return carrier
}

function joined(own: Carrier['headers'], headers: AuthAnswer['headers']): Carrier['headers'] {
  const all = new Map(Object.entries(own ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  for (const [name, value] of headers) {
    all.set(name, name === 'set-cookie' ? [...[all.get(name) ?? []].flat(), value] : value)
  }
  return Object.fromEntries(all)
}

function restore(carrier: Carrier, headers: PropertyDescriptor | undefined): void {
  if (headers === undefined) Reflect.deleteProperty(carrier, 'headers')
  else Reflect.defineProperty(carrier, 'headers', headers)
}

function carrierOf(error: unknown): Carrier {
  return canCarry(error) ? error : wrapped(error)
}

function canCarry(error: unknown): error is Error {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return false
  return Object.getOwnPropertyDescriptor(error, 'headers')?.configurable !== false
}

function wrapped(error: unknown): Error {
  const { status } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown }
  return Object.assign(new Error('Not an error that Koa can answer.', { cause: error }), { status })
}
