import type { IncomingHttpHeaders } from 'node:http'
import { parsedBody, readBody, type VisitRequest } from '@tiktok-auth/core'
import type { Request, Response } from 'express'
import { setHeaders } from './apply-answer.ts'

/** Reads an Express request into the plain values core works with. */
export function readRequest(req: Request, res: Response): VisitRequest {
  return {
    method: req.method,
    url: req.url,
    originalUrl: req.originalUrl,
    header: (name) => joined(req.headers, name.toLowerCase()),
    body: async () =>
      req.readableDidRead ? parsedBody(req.body, req.headers['content-type']) : readBody(req),
    setHeaders: (headers) => setHeaders(res, headers),
  }
}

function joined(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
