import type { IncomingHttpHeaders } from 'node:http'
import { parsedBody, readBody, type Exchange } from '@tiktok-auth/core'
import type { Request, Response } from 'express'
import { applyAnswer, dropCookies, setHeaders } from './apply-answer.ts'
import type { ExpressTikTokAuthOptions } from './options.ts'

/** A request and its answer on Express. */
export type ExpressExchange = Exchange<[Request, Response]>

/** Puts a request and its answer into the plain terms that core works with. */
export function exchangeOf(options: ExpressTikTokAuthOptions, req: Request, res: Response): ExpressExchange {
  return {
    native: [req, res],
    carrier: req,
    method: req.method,
    url: req.url,
    originalUrl: req.originalUrl,
    header: (name) => joined(req.headers, name.toLowerCase()),
    body: async () =>
      req.readableDidRead ? parsedBody(req.body, req.headers['content-type']) : readBody(req),
    setHeaders: (headers) => setHeaders(res, headers),
    dropCookies: (headers) => dropCookies(res, headers),
    watch: () => () => res.headersSent || res.writableEnded,
    apply: (answer) => applyAnswer(res, answer),
    async fail(error, headers) {
      if (res.headersSent) throw error
      setHeaders(res, headers)
      if (options.onError === undefined) throw error
      await options.onError(error, req, res)
    },
  }
}

function joined(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
