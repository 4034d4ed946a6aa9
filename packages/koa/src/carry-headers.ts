import type { AuthAnswer } from '@tiktok-auth/core'
import type { Context } from 'koa'

/** An error as Koa answers it, with headers. */
type Carrier = Error & { headers?: Readonly<Record<string, string | readonly string[]>> }

/** Errors that carry headers of ours now: what they had before, and for how many requests. */
const carrying = new WeakMap<Carrier, { readonly own: PropertyDescriptor | undefined; requests: number }>()

/**
 * Gives an error the headers that its answer needs: Koa takes every other one off before it answers an error.
 *
 * They are taken off again when the request is over, as somebody may throw one error for many requests. What cannot
 * carry any, such as a frozen error or no error at all, becomes the cause of one that can.
 */
export function carryHeaders(error: unknown, headers: AuthAnswer['headers'], ctx: Context): unknown {
  if (headers.length === 0) return error
  const carrier: Carrier = canCarry(error) ? error : wrapped(error)
  const load = carrying.get(carrier) ?? {
    own: Object.getOwnPropertyDescriptor(carrier, 'headers'),
    requests: 0,
  }
  restore(carrier, load.own)
  const all = new Map(
    Object.entries(carrier.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  for (const [name, value] of headers) {
    all.set(name, name === 'set-cookie' ? [...[all.get(name) ?? []].flat(), value] : value)
  }
  // Not for logs: a cookie's name says which login it belonged to.
  restore(carrier, {
    value: Object.fromEntries(all),
    configurable: true,
    writable: true,
    enumerable: false,
  })
  load.requests += 1
  carrying.set(carrier, load)
  ctx.res.once('close', () => {
    load.requests -= 1
    if (load.requests > 0) return
    carrying.delete(carrier)
    restore(carrier, load.own)
  })
  return carrier
}

function restore(carrier: Carrier, headers: PropertyDescriptor | undefined): void {
  if (headers === undefined) Reflect.deleteProperty(carrier, 'headers')
  else Reflect.defineProperty(carrier, 'headers', headers)
}

function canCarry(error: unknown): error is Error {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return false
  return Object.getOwnPropertyDescriptor(error, 'headers')?.configurable !== false
}

function wrapped(error: unknown): Error {
  const { status } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown }
  return Object.assign(new Error('Not an error that Koa can answer.', { cause: error }), { status })
}
