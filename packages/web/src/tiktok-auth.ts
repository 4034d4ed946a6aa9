import { checkHooks, createTikTokAuth, createVisits, headersOf, withHeaders } from '@tiktok-auth/core'
import type { AuthAnswer, LoginRequirement, Visit, VisitRequest } from '@tiktok-auth/core'
import { applyHeaders, checkResponse, toResponse } from './apply-headers.ts'
import { hooksFor } from './hooks.ts'
import type { SignedInState, TikTokHandler, WebTikTokAuthOptions } from './options.ts'
import { readRequest } from './read-request.ts'

/**
 * Creates the handler that logs people in with TikTok, for every host that knows `Request` and `Response`.
 *
 * It answers the login, callback, logout and disconnect routes; of every other request it makes `undefined`.
 *
 * @throws `configuration` when an option cannot work; it names the option.
 * @example
 * ```ts
 * const tiktok = tiktokAuth({ clientKey, clientSecret, redirectUri, secret, onError: errorResponse })
 * Bun.serve({
 *   async fetch(request) {
 *     const answer = (await tiktok(request)) ?? (await tiktok.requireLogin(request))
 *     if (answer) return answer
 *     const user = await tiktok.signedIn(request)
 *     return user.apply(Response.json(await user.userInfo()))
 *   },
 * })
 * ```
 */
export function tiktokAuth(options: WebTikTokAuthOptions): TikTokHandler {
  checkHooks(options)
  const auth = createTikTokAuth(options)
  const visits = createVisits(auth, options)
  const opened = new WeakMap<Request, Promise<Opened>>()

  async function open(request: Request): Promise<Opened> {
    const added: (readonly [string, string])[] = []
    const read = readRequest(request, (headers) => void added.push(...headers))
    const visit = await visits.open(read, hooksFor(options, request))
    const apply = (response: Response): Response => applyHeaders(response, [...visit.headers, ...added])
    return { visit, state: Object.assign(visit.state, { apply }) }
  }

  function visit(request: Request): Promise<Opened> {
    const known = opened.get(request) ?? open(request)
    opened.set(request, known)
    return known
  }

  async function answer(request: Request, read: VisitRequest): Promise<Response | undefined> {
    const hooks = hooksFor(options, request)
    const answered = await auth.handle(read, hooks)
    if (answered !== undefined) return toResponse(answered)
    if (hooks.answer() === undefined) visits.checkMount(read)
    return hooks.answer()
  }

  async function handle(request: Request): Promise<Response | undefined> {
    const read = readRequest(request)
    try {
      return await answer(request, read)
    } catch (error) {
      return fail(error, request, read)
    }
  }

  async function fail(error: unknown, request: Request, read: VisitRequest): Promise<Response> {
    const headers = headersOf(error, read)
    try {
      if (options.onError === undefined) throw error
      // Another request may have failed with this very error, and `errorResponse` knows the error alone.
      const answer = options.onError(withHeaders(error, headers, read), request)
      return applyHeaders(checkResponse(await answer, 'onError'), headers)
    } catch (thrown) {
      // Whoever answers this one needs the headers as much.
      throw withHeaders(thrown, headers, read)
    }
  }

  return Object.assign(handle, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    signedIn: async (request: Request) => (await visit(request)).state,
    async requireLogin(request: Request, requirement: LoginRequirement = {}) {
      visits.check(requirement)
      const known = await visit(request)
      return respond(known, await known.visit.requireLogin(requirement))
    },
    async recover(error: unknown, request: Request) {
      // Where the application cannot say whose request it is, a login mends nothing.
      const known = await visit(request).catch(() => undefined)
      return known && respond(known, known.visit.recover(error))
    },
  })
}

interface Opened {
  readonly visit: Visit
  readonly state: SignedInState
}

function respond({ state }: Opened, answer: AuthAnswer | undefined): Response | undefined {
  return answer === undefined ? undefined : state.apply(toResponse(answer))
}
