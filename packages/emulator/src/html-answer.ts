import { randomText } from './random.ts'
import type { Answer } from './wire.ts'

/** How a page is sent. */
export interface PageOptions {
  readonly status?: number
  readonly outcome: string
  /** Where the page's forms may lead besides the emulator itself. */
  readonly formAction?: readonly string[]
}

/** Wraps a rendered page in headers that close it off: nothing foreign loads, frames it or learns its address. */
export function answerPage(render: (nonce: string) => string, options: PageOptions): Answer {
  const nonce = randomText(24)
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    ["form-action 'self'", ...(options.formAction ?? [])].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
  return { status: options.status ?? 200, outcome: options.outcome, headers, text: render(nonce) }
}

/** Sends the browser elsewhere. */
export function answerRedirect(
  location: string,
  outcome: string,
  headers?: Readonly<Record<string, string>>,
): Answer {
  return {
    status: 303,
    outcome,
    headers: { location, 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', ...headers },
    text: '',
  }
}
