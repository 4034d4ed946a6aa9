import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'

const options = {
  clientKey: 'awkey1',
  clientSecret: 'client-secret-1',
  redirectUri: 'https://app.example/auth/tiktok/callback',
  secret: randomBytes(32).toString('base64url'),
}

/** A host that has Web Crypto and nothing of Node, and allows none of it outside of a request. */
function forbidOutsideRequests(): { requestBegins(): void } {
  const webCrypto = globalThis.crypto
  let inRequest = false
  const forbid = (name: string): void => {
    if (!inRequest) throw new Error(`Disallowed outside of a request: ${name}`)
  }
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(real, name) {
        const value: unknown = Reflect.get(real, name, real)
        if (typeof value === 'object' && value !== null) return guard(value)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          forbid(String(name))
          return Reflect.apply(value, real, given)
        }
      },
    })
  vi.stubGlobal('crypto', guard(webCrypto))
  for (const name of ['setTimeout', 'setInterval', 'fetch'] as const) {
    const real = globalThis[name] as (...given: unknown[]) => unknown
    vi.stubGlobal(name, (...given: unknown[]) => {
      forbid(name)
      return real(...given)
    })
  }
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  return { requestBegins: () => void (inRequest = true) }
}

describe('a host like Workers', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  test('needs no randomness, timer or request before the first request', async () => {
    vi.resetModules()
    const host = forbidOutsideRequests()
    const { tiktokAuth } = await import('../src/index.ts')
    const { memoryTokenStore } = await import('@tiktok-auth/core')
    const tiktok = tiktokAuth({ ...options, store: memoryTokenStore() })
    host.requestBegins()
    const start = await tiktok(new Request('https://app.example/auth/tiktok'))
    expect(start?.status).toBe(303)
    expect(start?.headers.get('set-cookie')).toContain('__Host-tiktok-login')
  })
})
