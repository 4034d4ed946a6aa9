import { pageHeaders } from './page-headers.ts'

/** Shows a page, where answers are a `Response`. */
export function pageResponse(html: string, status = 200): Response {
  return new Response(html, {
    status,
    headers: { ...pageHeaders, 'content-type': 'text/html; charset=utf-8' },
  })
}

/** Leads to another page, where answers are a `Response`. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } })
}
