import { ConfigurationError, type AuthAnswer } from '@tiktok-auth/core'
import type { ServerResponse } from 'node:http'
import type { StrategyRequest } from './options.ts'

/** Finds the answer that belongs to a request. @throws `configuration` where the framework does not link them. */
export function responseOf(req: StrategyRequest): ServerResponse {
  const res: ServerResponse | undefined = req.res
  if (res !== undefined) return res
  throw new ConfigurationError(
    'req.res',
    'is missing, so that no cookie can be set.',
    'Strategies for Passport need Express, or NestJS on Express.',
  )
}

/** Puts headers on an answer. Cookies join those that are there already, none of them twice. */
export function setHeaders(res: ServerResponse, headers: AuthAnswer['headers']): void {
  if (res.headersSent) return
  for (const [name, value] of headers) {
    if (name !== 'set-cookie') res.setHeader(name, value)
    else if (!cookiesOf(res).includes(value)) res.appendHeader(name, value)
  }
}

function cookiesOf(res: ServerResponse): readonly string[] {
  const cookies = res.getHeader('set-cookie') ?? []
  return Array.isArray(cookies) ? cookies : [String(cookies)]
}

/** Takes path and query apart, as they stand. */
export function targetOf(req: StrategyRequest): { readonly path: string; readonly query: string } {
  const url = req.originalUrl
  const mark = url.indexOf('?')
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

/** Reads a request header by its lower-case name. */
export function headerOf(req: StrategyRequest, name: string): string | undefined {
  const value = req.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
