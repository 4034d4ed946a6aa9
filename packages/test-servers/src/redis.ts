import { findBinary } from './find-binary.ts'
import { temporaryFolder } from './guardian.ts'
import { skip } from './missing.ts'
import { askRedis } from './redis-ping.ts'
import { freePort, startServer, type ServerProcess } from './server-process.ts'

/** A Redis server. */
export interface RedisServer {
  /** Such as `redis://127.0.0.1:6379`. */
  readonly url: string
  /** Missing where the server is somebody else's (`REDIS_URL`) and may be neither killed nor frozen. */
  readonly process?: ServerProcess
}

/** What a Redis server should be like. */
export interface RedisOptions {
  /** `'aof'`: every write is on disk before it is acknowledged. Default `'none'`: a restarted server is empty. */
  readonly persistence?: 'none' | 'aof'
  /** Further settings, such as `{ 'maxmemory-policy': 'allkeys-lru' }`. */
  readonly config?: Readonly<Record<string, string>>
}

const nothingFound = 'no redis-server on this machine and no REDIS_URL'
const busPortDistance = 10_000

/**
 * Starts a Redis server on a free loopback port; it ends with this process. Without a `redis-server` on the machine it
 * is that of `REDIS_URL`, and without that `undefined`, with one printed line.
 *
 * @throws when there is none and `CI=true`.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer | undefined> {
  const command = findBinary('redis-server')
  if (command !== undefined) return launch(command, options)
  const url = process.env['REDIS_URL']
  return url === undefined || url === '' ? skip('Redis', nothingFound) : { url }
}

/**
 * Starts that many Redis masters and joins them into a cluster.
 *
 * @throws when there is no `redis-server` and `CI=true`; without `CI` that is `undefined`.
 */
export async function startRedisCluster(
  nodes: number,
): Promise<readonly Required<RedisServer>[] | undefined> {
  const command = findBinary('redis-server')
  if (command === undefined) return skip('a Redis cluster', 'no redis-server on this machine')
  const config = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' }
  const servers = await Promise.all(Array.from({ length: nodes }, () => launch(command, { config })))
  const ports = servers.map(({ url }) => Number(new URL(url).port))
  await Promise.all(ports.map((port, index) => giveSlots(port, { index, of: nodes })))
  const [first, ...others] = ports
  for (const port of others) await askRedis(port, ['CLUSTER', 'MEET', '127.0.0.1', String(first)])
  await Promise.all(ports.map((port) => untilJoined(port, nodes)))
  return servers
}

async function launch(
  command: string,
  { persistence = 'none', config = {} }: RedisOptions,
): Promise<Required<RedisServer>> {
  const port = await freePort('cluster-enabled' in config ? busPortDistance : 0)
  const folder = temporaryFolder('redis')
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    ...(persistence === 'aof' && { appendonly: 'yes', appendfsync: 'always' }),
    ...config,
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const ping = () => askRedis(port, ['PING'])
  return {
    url: `redis://127.0.0.1:${port}`,
    process: await startServer({ command, args, folder, ping }),
  }
}

async function giveSlots(port: number, share: { index: number; of: number }): Promise<void> {
  const slots = 16_384
  const from = Math.floor((slots * share.index) / share.of)
  const to = Math.floor((slots * (share.index + 1)) / share.of) - 1
  await askRedis(port, ['CLUSTER', 'ADDSLOTSRANGE', String(from), String(to)])
  await askRedis(port, ['CLUSTER', 'SET-CONFIG-EPOCH', String(share.index + 1)])
}

async function untilJoined(port: number, nodes: number): Promise<void> {
  const end = Date.now() + 60_000
  for (;;) {
    const info = await askRedis(port, ['CLUSTER', 'INFO'])
    if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes}`)) return
    if (Date.now() > end) throw new Error(`The cluster did not form:\n${info}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
