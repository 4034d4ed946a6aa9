import { createServer } from 'node:http'
import { answerParent, usage, usageAfterCollection } from '../child.js'
import { listen } from '../listen.js'

/** Where the fake TikTok of this run is, without a trailing slash. */
export const tiktokOrigin = process.env['TIKTOK_ORIGIN'] ?? ''

/**
 * Serves an app in this process and reports what that costs.
 *
 * @param {import('node:http').RequestListener} handler
 */
export function serve(handler) {
  const listening = listen(createServer(handler))
  answerParent({ listening: () => listening, usage, usageAfterCollection })
}
