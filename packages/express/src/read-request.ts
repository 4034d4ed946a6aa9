import type { IncomingHttpHeaders } from 'node:http'
import { ConfigurationError, readBody, type VisitRequest } from '@tiktok-auth/core'
import type { Request, Response } from 'express'
import { setHeaders } from './apply-answer.ts'

/** Reads an Express request into the plain values core works with. */
export function readRequest(req: Request, res: Response): VisitRequest {
  return {
    method: req.method,
    url: req.url,
    originalUrl: req.originalUrl,
    header: (name) => joined(req.headers, name.toLowerCase()),
    body: async () => (req.readableDidRead ? parsedBody(req) : readBody(req)),
    setHeaders: (headers) => setHeaders(res, headers),
  }
}

function joined(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** What a body parser left when it read the stream first. */
function parsedBody(req: Request): Uint8Array {
  const body: unknown = req.body
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (req.is('application/x-www-form-urlencoded')) return new TextEncoder().encode(formOf(body))
  throw new ConfigurationError(
    'body parser',
    'has read this request before `tiktok` could, and left no raw body.',
    'Mount `tiktok` before the parser.',
  )
}

/** A form as text again. Nested values, which no form of ours has, are left out. */
function formOf(body: unknown): string {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'string') form.append(name, item)
    }
  }
  return form.toString()
}
