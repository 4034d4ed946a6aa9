import { startPostgres, startRedis, temporaryFolder, type ServerProcess } from '@tiktok-auth/test-servers'
import { rmSync } from 'node:fs'
import type { StoreKind } from './messages.ts'

/** What keeps the rows: a server of this machine, or a folder for SQLite files. */
export interface Backend {
  readonly kind: StoreKind
  readonly address: string
  /** Missing for SQLite, and for servers that are somebody else's. */
  readonly process?: ServerProcess
  end(): Promise<void>
}

/** Starts a backend that keeps what it acknowledges; `volatile` makes a Redis that forgets everything when it ends. */
export async function startBackend(kind: StoreKind, volatile = false): Promise<Backend | undefined> {
  if (kind === 'sqlite') return startFolder()
  const persistence = volatile ? 'none' : 'aof'
  const server = kind === 'redis' ? await startRedis({ persistence }) : await startPostgres()
  if (server === undefined) return undefined
  return {
    kind,
    address: server.url,
    ...(server.process && { process: server.process }),
    end: async () => server.process?.kill(),
  }
}

function startFolder(): Backend {
  const address = temporaryFolder('chaos')
  return {
    kind: 'sqlite',
    address,
    end: async () => rmSync(address, { recursive: true, force: true }),
  }
}
