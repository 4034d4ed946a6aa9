import {
  createTikTokClient,
  type ClientHost,
  type TikTokClient,
  type TikTokClientOptions,
} from '../../src/index.ts'

/** One request as `fetch` got it. */
export interface SeenRequest {
  readonly url: string
  readonly init: RequestInit
  readonly form: URLSearchParams
}

/** A client whose requests are answered by the test, and what it sent. */
export interface FakeTikTok {
  readonly client: TikTokClient
  readonly seen: SeenRequest[]
}

/** A token response with everything in it. */
export const tokenResponse: Readonly<Record<string, unknown>> = {
  access_token: 'act.canary',
  expires_in: 7200,
  open_id: 'user-1',
  refresh_token: 'rft.canary',
  refresh_expires_in: 15_552_000,
  scope: 'user.info.basic,video.list',
  token_type: 'Bearer',
}

/** Makes a client over a `fetch` that the test answers: with JSON, a text, a `Response`, or a failure. */
export function fakeTikTok(
  answer: (request: SeenRequest) => unknown,
  options: Partial<TikTokClientOptions> = {},
  host?: ClientHost,
): FakeTikTok {
  const seen: SeenRequest[] = []
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const form = new URLSearchParams(typeof init.body === 'string' ? init.body : '')
    const request = { url: String(input), init, form }
    seen.push(request)
    const given = await answer(request)
    if (given instanceof Response) return given
    return new Response(typeof given === 'string' ? given : JSON.stringify(given))
  }
  const client = createTikTokClient(
    {
      clientKey: 'key123',
      clientSecret: 'canary-secret',
      redirectUri: 'https://App.Example:443/cb/',
      now: () => 1_700_000_000_000,
      fetch,
      ...options,
    },
    host,
  )
  return { client, seen }
}
