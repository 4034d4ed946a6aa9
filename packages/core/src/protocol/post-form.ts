import type { EndpointName } from '../errors.ts'
import { requestJson, type JsonReply, type RequestContext } from './request-json.ts'

/** One form to post. */
export interface FormRequest {
  readonly endpoint: EndpointName
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
}

// What stands in a form and may stand in an error.
const publicFields = new Set(['client_key', 'grant_type', 'redirect_uri'])

/**
 * Posts a form the way TikTok's token endpoint demands: the content type exactly, once and without a charset,
 * which `fetch` would add to a `URLSearchParams` body and TikTok refuses as malformed.
 *
 * @throws `network`, `oauth_response`, `unexpected_response`
 * @see https://developers.tiktok.com/doc/oauth-get-a-user-access-token
 */
export function postForm(
  context: RequestContext,
  { endpoint, url, fields }: FormRequest,
): Promise<JsonReply> {
  return requestJson(context, {
    endpoint,
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(fields).toString(),
    secrets: () => Object.entries(fields).flatMap(([name, value]) => (publicFields.has(name) ? [] : [value])),
  })
}
