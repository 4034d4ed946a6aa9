import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findBinary } from './find-binary.ts'
import { temporaryFolder } from './guardian.ts'
import { skip } from './missing.ts'
import { pingPostgres, unprivilegedUser, type PostgresServer } from './postgres.ts'
import { freePort, startServer } from './server-process.ts'

const connections = 3

/**
 * Starts PgBouncer in transaction mode in front of a PostgreSQL server: statements of one client run on whichever of
 * three connections is free. It ends with this process. Without the program on the machine it is `undefined`, with one
 * printed line.
 *
 * @throws when there is none and `CI=true`.
 */
export async function startPgBouncer({ url }: PostgresServer): Promise<Required<PostgresServer> | undefined> {
  const command = findBinary('pgbouncer')
  if (command === undefined) return skip('PgBouncer', 'no pgbouncer on this machine')
  const port = await freePort()
  const folder = temporaryFolder('pgbouncer')
  const user = unprivilegedUser()
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(file, configuration(new URL(url), port))
  if (user !== undefined) for (const path of [folder, file]) chownSync(path, user.uid, user.gid)
  const ping = () => pingPostgres(port)
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    process: await startServer({ command, args: [file], folder, user, ping }),
  }
}

function configuration({ hostname, port, username, password, pathname }: URL, own: number): string {
  const server = `host=${hostname} port=${port || '5432'} user=${username}${password && ` password=${password}`}`
  return [
    '[databases]',
    `postgres = ${server} dbname=${pathname.slice(1)}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${own}`,
    'unix_socket_dir =',
    // Whoever comes is the server's user.
    'auth_type = any',
    'pool_mode = transaction',
    `default_pool_size = ${connections}`,
    'max_client_conn = 200',
    '',
  ].join('\n')
}
