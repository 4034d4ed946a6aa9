import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findBinary } from './find-binary.ts'
import { temporaryFolder } from './guardian.ts'
import { skip } from './missing.ts'
import { freePort, startServer, type ServerProcess } from './server-process.ts'

/** A PostgreSQL server. */
export interface PostgresServer {
  /** Such as `postgres://test@127.0.0.1:5432/postgres`. */
  readonly url: string
  /** Missing where the server is somebody else's (`DATABASE_URL`) and may be neither killed nor frozen. */
  readonly process?: ServerProcess
}

const nothingFound = 'no PostgreSQL (initdb, postgres) on this machine and no DATABASE_URL'

/**
 * Starts a PostgreSQL server with an empty database on a free loopback port; it ends with this process. Without the
 * programs on the machine it is that of `DATABASE_URL`, and without that `undefined`, with one printed line.
 *
 * @throws when there is none and `CI=true`.
 */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const initdb = findBinary('initdb')
  const postgres = findBinary('postgres')
  if (initdb !== undefined && postgres !== undefined) return launch(initdb, postgres)
  const url = process.env['DATABASE_URL']
  return url === undefined || url === '' ? skip('PostgreSQL', nothingFound) : { url }
}

async function launch(initdb: string, postgres: string): Promise<Required<PostgresServer>> {
  const port = await freePort()
  const folder = temporaryFolder('postgres')
  const user = unprivilegedUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const auth = ['--username=test', '--auth=trust']
  execFileSync(initdb, ['-D', data, '--encoding=UTF8', '--locale=C', '--no-sync', ...auth], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...user,
  })
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    // Forty test connections and what a killed server left half open.
    'max_connections=200',
  ]
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  const ping = () => pingPostgres(port)
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    process: await startServer({ command: postgres, args, folder, user, ping }),
  }
}

/** Gives the user to run as when this process is root, which PostgreSQL and PgBouncer refuse. */
export function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) }
    } catch {
      // No such user on this machine.
    }
  }
  return { uid: 65_534, gid: 65_534 }
}

function idOf(which: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [which, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
}

/** Logs in by hand: the server is up when it says it is ready for a query, and not while it still recovers. */
export function pingPostgres(port: number): Promise<void> {
  const parameters = Buffer.from('user\0test\0database\0postgres\0\0')
  const head = Buffer.alloc(8)
  head.writeInt32BE(8 + parameters.length, 0)
  head.writeInt32BE(196_608, 4)
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(Buffer.concat([head, parameters])))
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once('data', (reply) => {
      socket.end(Buffer.from([0x58, 0, 0, 0, 4]))
      // R: authentication is fine; E: an error, such as "the database system is starting up".
      if (reply[0] === 0x52) resolve()
      else reject(new Error(reply.toString()))
    })
  })
}
