import type { LoginRequirement, RequestState } from '@tiktok-auth/core'
import type { SiteRecord } from './prepare-site.ts'
import { spoken } from './spoken.ts'
import type { SiteReply, SiteRequest, SiteRoute } from './site.ts'

/** Where a case reads what the site remembers, and moves its clock. */
export const controlPaths = { record: '/-/record', clock: '/-/clock', sessions: '/-/sessions' } as const

/** The header that says how far to move the clock. */
export const clockHeader = 'x-advance-ms'

/** The header that says what the store of the app's own sessions is to fail at; without it: nothing. */
export const sessionFaultHeader = 'x-session-fault'

/** Lists the pages of an app. `prefix` stands in front of every path. */
export function pages(prefix: string, record: SiteRecord): readonly SiteRoute[] {
  const list: readonly SiteRoute[] = [
    page('/', undefined, async ({ openId }) => ({ openId: openId ?? null })),
    page('/me', {}, async ({ openId, scope }) => ({ openId, scope })),
    page('/videos', { scope: ['video.list'] }, async (state) => videoTitles(await listVideos(state))),
    // Nothing in front: the method itself finds out that nobody is signed in, and `recover` answers.
    page('/token', undefined, async (state) => {
      return { length: (await method(state, 'accessToken')()).length }
    }),
    page('/profile', undefined, async (state) => method(state, 'userInfo')()),
    page('/status', undefined, async (state) => ({ state: (await method(state, 'status')()).state })),
    form('/logout-here', async (state) => {
      await method(state, 'logout')()
      return { openId: state.openId ?? null }
    }),
    form('/disconnect-here', async (state) => {
      const { remote } = await method(state, 'disconnect')()
      return { openId: state.openId ?? null, remote }
    }),
    { ...form('/form', async ({ openId }) => ({ openId })), requireLogin: {} },
    page('/fails', undefined, async () => {
      throw new Error('A page that does not work.')
    }),
    // A visitor whom nobody knows yet gets a CSRF token, say, or fills a basket.
    {
      ...form('/keep', async () => ({})),
      async handle({ session, header }) {
        session?.write('kept', header('x-keep') ?? '')
        return reply({})
      },
    },
    { ...page('/kept', undefined, async () => ({})), handle: async (request) => reply(keptBy(request)) },
  ]
  return list.map((route) => ({
    ...route,
    path: prefix + route.path,
    async handle(request) {
      record.handled.push(prefix + route.path)
      const answer = await route.handle(request)
      // Applications log what they are given.
      record.said.push(...spoken(request.state))
      return answer
    },
  }))
}

/** Lists what cases need beside the pages: what the site remembers, and its clock. */
export function controls(record: SiteRecord): readonly SiteRoute[] {
  return [
    page(controlPaths.record, undefined, async () => record),
    {
      ...form(controlPaths.clock, async () => ({})),
      async handle({ header }) {
        record.clockOffsetMs += Number(header(clockHeader))
        return reply({})
      },
    },
    {
      ...form(controlPaths.sessions, async () => ({})),
      async handle({ header }) {
        record.sessionFault = header(sessionFaultHeader) as SiteRecord['sessionFault']
        return reply({})
      },
    },
  ]
}

function keptBy({ session }: SiteRequest): object {
  return { kept: session?.read('kept') ?? null }
}

type State = SiteRequest['state']

function page(
  path: string,
  requireLogin: LoginRequirement | undefined,
  answer: (state: State) => Promise<unknown>,
): SiteRoute {
  return { method: 'get', path, requireLogin, handle: async ({ state }) => reply(await answer(state)) }
}

function form(path: string, answer: (state: State) => Promise<unknown>): SiteRoute {
  return { ...page(path, undefined, answer), method: 'post' }
}

function reply(json: unknown): SiteReply {
  return { status: 200, json }
}

function method<Name extends Exclude<keyof RequestState, 'openId' | 'scope'>>(
  state: State,
  name: Name,
): RequestState[Name] {
  const found = (state as Partial<RequestState>)[name]
  if (found === undefined) throw new Error(`The site gives its pages no ${name}.`)
  return found as RequestState[Name]
}

async function listVideos(state: State): Promise<unknown> {
  const answer = await method(state, 'fetch')('/v2/video/list/?fields=id,title', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  return answer.json()
}

function videoTitles(answer: unknown): { readonly titles: readonly string[] } {
  const { data } = answer as { data?: { videos?: readonly { title: string }[] } }
  return { titles: (data?.videos ?? []).map(({ title }) => title) }
}
