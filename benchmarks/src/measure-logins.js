import { startChild } from './children.js'
import { servers } from './servers.js'
import { rotated } from './statistics.js'

/** Logins under way at a time. */
export const CONCURRENCY = 16

/** Enough for the optimising compiler to be done, less when little is measured. @param {number} logins */
const warmUp = (logins) => Math.min(25 * logins, 5000)

/** @typedef {import('./servers.js').ServerUnderTest & { child: import('./children.js').Child, port: number, cpuMicros: number[] }} RunningServer */

/**
 * Measures the server's CPU time per full login.
 *
 * @param {{ logins: number, rounds: number }} options
 * @returns {Promise<Map<string, number[]>>} by server, microseconds per login of each round
 */
export async function measureLogins({ logins, rounds }) {
  const tiktok = startChild('fake-tiktok.js')
  const client = startChild('load-client.js')
  const running = await startServers(tiktok)
  for (const { port } of running)
    await client.ask('logins', { port, count: warmUp(logins), concurrency: CONCURRENCY })
  for (let round = 0; round < rounds; round++)
    for (const server of rotated(running, round))
      server.cpuMicros.push(await cpuPerLogin(server, { client, tiktok, logins }))
  await Promise.all([tiktok, client, ...running.map(({ child }) => child)].map((child) => child.stop()))
  return new Map(running.map(({ name, cpuMicros }) => [name, cpuMicros]))
}

/**
 * @param {import('./children.js').Child} tiktok
 * @returns {Promise<RunningServer[]>}
 */
async function startServers(tiktok) {
  const { port } = await tiktok.ask('listening')
  const env = { TIKTOK_ORIGIN: `http://127.0.0.1:${port}` }
  return Promise.all(
    servers.map(async (server) => {
      const child = startChild(server.file, { env })
      const { port } = await child.ask('listening')
      return { ...server, child, port, cpuMicros: [] }
    }),
  )
}

/**
 * @param {RunningServer} server
 * @param {{ client: import('./children.js').Child, tiktok: import('./children.js').Child, logins: number }} load
 */
async function cpuPerLogin({ name, child, port }, { client, tiktok, logins }) {
  const [usedBefore, countsBefore] = [await child.ask('usage'), await tiktok.ask('counts')]
  await client.ask('logins', { port, count: logins, concurrency: CONCURRENCY })
  const [usedAfter, countsAfter] = [await child.ask('usage'), await tiktok.ask('counts')]
  // A server that skips a request it owes would look fast.
  for (const kind of ['tokens', 'userInfos'])
    if (countsAfter[kind] - countsBefore[kind] !== logins)
      throw new Error(`${name} made ${countsAfter[kind] - countsBefore[kind]} ${kind} of ${logins}`)
  return (usedAfter.cpuMicros - usedBefore.cpuMicros) / logins
}
