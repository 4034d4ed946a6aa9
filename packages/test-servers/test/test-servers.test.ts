import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startPostgres, startRedis, startRedisCluster, type ServerProcess } from '../src/index.ts'
import { skip } from '../src/missing.ts'
import { processTree } from '../src/process-tree.mjs'
import { askRedis } from '../src/redis-ping.ts'

const started: ServerProcess[] = []

afterEach(async () => {
  for (const server of started.splice(0)) await server.kill()
  vi.unstubAllEnvs()
})

describe('startRedis', () => {
  test('an empty server after a restart, without persistence', async ({ skip: leave }) => {
    const { process: server, port } = ours(await startRedis()) ?? leave('no redis-server')
    await askRedis(port, ['SET', 'key', 'value'])
    await server.restart()
    expect(await askRedis(port, ['GET', 'key'])).toBe('$-1\r\n')
  })

  test('the same rows after SIGKILL, with the append-only file', async ({ skip: leave }) => {
    const { process: server, port } =
      ours(await startRedis({ persistence: 'aof' })) ?? leave('no redis-server')
    await askRedis(port, ['SET', 'key', 'value'])
    const before = server.pid
    await server.kill()
    await expect(askRedis(port, ['PING'])).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(server.pid).not.toBe(before)
    expect(await askRedis(port, ['GET', 'key'])).toBe('$5\r\nvalue\r\n')
  })

  test('a frozen server takes connections, answers nothing, and goes on afterwards', async ({
    skip: leave,
  }) => {
    const { process: server, port } = ours(await startRedis()) ?? leave('no redis-server')
    server.freeze()
    const socket = connect({ port, host: '127.0.0.1' })
    const answers: Buffer[] = []
    socket.on('data', (chunk) => answers.push(chunk))
    await once(socket, 'connect')
    socket.write('PING\r\n')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(answers).toEqual([])
    server.thaw()
    await once(socket, 'data')
    expect(Buffer.concat(answers).toString()).toBe('+PONG\r\n')
    socket.destroy()
  })

  test('three masters make a cluster', async ({ skip: leave }) => {
    const servers = (await startRedisCluster(3)) ?? leave('no redis-server')
    started.push(...servers.map((server) => server.process))
    for (const { url } of servers) {
      const info = await askRedis(portOf(url), ['CLUSTER', 'INFO'])
      expect(info).toContain('cluster_slots_ok:16384')
      expect(info).toContain('cluster_size:3')
    }
  })
})

describe('startPostgres', () => {
  test('a killed server is gone with all its processes, and comes back', async ({ skip: leave }) => {
    const { process: server, port } = ours(await startPostgres()) ?? leave('no PostgreSQL')
    const pids = processTree(server.pid)
    expect(pids.length).toBeGreaterThan(1)
    await server.kill()
    for (const pid of pids) await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), 20_000)
    await server.restart()
    const socket = connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    socket.destroy()
  })
})

describe('where a server is missing', () => {
  test('another one is used when its address is known', async () => {
    vi.stubEnv('PATH', '')
    vi.stubEnv('REDIS_URL', 'redis://elsewhere:6379')
    expect(await startRedis()).toEqual({ url: 'redis://elsewhere:6379' })
  })

  test('one line says what is skipped', () => {
    vi.stubEnv('CI', '')
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const outcome = skip('Redis', 'nothing found')
    const lines = write.mock.calls.map(([line]) => line)
    write.mockRestore()
    expect(outcome).toBeUndefined()
    expect(lines).toEqual(['skipped: tests on Redis: nothing found\n'])
  })

  test('continuous integration skips nothing', async () => {
    vi.stubEnv('PATH', '')
    vi.stubEnv('REDIS_URL', '')
    vi.stubEnv('CI', 'true')
    await expect(startRedis()).rejects.toThrow('skipped: tests on Redis')
    await expect(startRedisCluster(3)).rejects.toThrow('skipped: tests on a Redis cluster')
  })
})

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'after %s of the test process its servers and their folders go',
  async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'tiktok-auth-test-'))
    const guardian = new URL('../src/guardian.mjs', import.meta.url).pathname
    // A parent that dies: its pipe to the guardian is all that is left of it.
    const script = `
      const { spawn } = require('node:child_process')
      const server = spawn('sleep', ['600'], { stdio: 'ignore', detached: true })
      const guardian = spawn(process.execPath, [process.argv[1]], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
      guardian.stdin.write(JSON.stringify({ pid: server.pid }) + '\\n' + JSON.stringify({ folder: process.argv[2] }) + '\\n')
      console.log(server.pid)`
    const parent = spawn(process.execPath, ['-e', script, guardian, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    parent.kill(signal)
    await vi.waitFor(() => expect([isRunning(pid), existsSync(folder)]).toEqual([false, false]), 20_000)
    rmSync(folder, { recursive: true, force: true })
  },
)

function ours(
  server: { readonly url: string; readonly process?: ServerProcess } | undefined,
): { readonly process: ServerProcess; readonly port: number } | undefined {
  if (server?.process === undefined) return undefined
  started.push(server.process)
  return { process: server.process, port: portOf(server.url) }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function isRunning(pid: number): boolean {
  // Where nobody reaps orphans a killed one stays as a zombie, which a signal still reaches: ask for its state.
  return existsSync(`/proc/${pid}`) && !isZombie(pid)
}

function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
