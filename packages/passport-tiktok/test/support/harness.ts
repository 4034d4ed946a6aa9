import type { ServerResponse } from 'node:http'
import type { StrategyRequest, TikTokAuthenticateOptions } from '../../src/options.ts'

/** How a strategy ended a request. */
export type Ended =
  | { readonly by: 'success'; readonly user: unknown; readonly info: unknown }
  | { readonly by: 'fail'; readonly challenge: unknown; readonly status: number | undefined }
  | { readonly by: 'redirect'; readonly url: string; readonly status: number | undefined }
  | { readonly by: 'error'; readonly error: unknown }

/** A request as Express hands it to Passport. */
export interface Asked {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What else is on the request. */
  readonly members?: object
}

/** What came of a request. */
export interface Reply {
  readonly ended: Ended
  readonly headers: ReadonlyMap<string, string | readonly string[]>
  /** Name and value of the cookies that were set. */
  readonly cookie: string
}

interface Strategy {
  authenticate(req: StrategyRequest, options?: TikTokAuthenticateOptions): unknown
}

/**
 * Runs a strategy as Passport does: on a copy of it with the actions of one request. Rejects when it ends a request
 * twice.
 */
export async function run(
  strategy: Strategy,
  asked: Asked,
  options: TikTokAuthenticateOptions = {},
): Promise<Reply> {
  const headers = new Map<string, string | readonly string[]>()
  const res = {
    headersSent: false,
    getHeader: (name: string) => headers.get(name),
    setHeader: (name: string, value: string) => headers.set(name, value),
    appendHeader: (name: string, value: string) => headers.set(name, [...listOf(headers.get(name)), value]),
  } as unknown as ServerResponse
  const req = {
    method: asked.method ?? 'GET',
    url: asked.url,
    originalUrl: asked.url,
    headers: asked.headers ?? {},
    res,
    ...asked.members,
  } as unknown as StrategyRequest
  const endings: Ended[] = []
  await new Promise<void>((resolve) => {
    const end = (ended: Ended): void => {
      endings.push(ended)
      resolve()
    }
    const copy: Strategy = Object.assign(Object.create(strategy) as Strategy, {
      success: (user: unknown, info: unknown) => end({ by: 'success', user, info }),
      fail: (challenge: unknown, status?: number) => end({ by: 'fail', challenge, status }),
      redirect: (url: string, status?: number) => end({ by: 'redirect', url, status }),
      error: (error: unknown) => end({ by: 'error', error }),
    })
    copy.authenticate(req, options)
  })
  await new Promise((resolve) => setTimeout(resolve, 5))
  const [ended, second] = endings
  if (ended === undefined || second !== undefined) throw new Error(`Ended ${endings.length} times.`)
  const cookie = listOf(headers.get('set-cookie')).map((line) => line.split(';')[0] ?? '')
  return { ended, headers, cookie: cookie.join('; ') }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat()
}
