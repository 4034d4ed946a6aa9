import { startChild } from './children.js'
import { CONCURRENCY } from './measure-logins.js'
import { servers } from './servers.js'

/** @typedef {{ heapBytes: number, rssBytes: number, perSecond: number, cpuMicros: number }} Abandoned */

/**
 * Starts logins that nobody finishes and measures what each leaves behind on the server.
 *
 * @param {{ starts: number }} options
 * @returns {Promise<Map<string, Abandoned>>} by server, per start
 */
export async function measureAbandoned({ starts }) {
  const client = startChild('load-client.js')
  /** @type {Map<string, Abandoned>} */
  const results = new Map()
  for (const { name, file } of servers) {
    const env = { TIKTOK_ORIGIN: 'http://127.0.0.1:9' }
    const child = startChild(file, { env, execArgv: ['--expose-gc'] })
    const { port } = await child.ask('listening')
    // Compiled code and connection buffers come with the first thousands; they are nobody's abandoned login.
    await client.ask('starts', { port, count: Math.ceil(starts / 4), concurrency: CONCURRENCY })
    const before = await child.ask('usageAfterCollection')
    const { elapsedMs } = await client.ask('starts', { port, count: starts, concurrency: CONCURRENCY })
    const loaded = await child.ask('usage')
    const after = await child.ask('usageAfterCollection')
    results.set(name, {
      heapBytes: (after.heapBytes - before.heapBytes) / starts,
      rssBytes: (after.rssBytes - before.rssBytes) / starts,
      perSecond: (starts / elapsedMs) * 1000,
      cpuMicros: (loaded.cpuMicros - before.cpuMicros) / starts,
    })
    await child.stop()
  }
  await client.stop()
  return results
}
