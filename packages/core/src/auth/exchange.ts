import { ConfigurationError } from '../errors.ts'
import { headersOf } from './answers.ts'
import { bindHooks, type NativeAnswer, type NativeHooks } from './bind-hooks.ts'
import type { AuthAnswer, AuthHooks, TikTokAuth } from './contract.ts'
import type { LoginRequirement } from './request-gate.ts'
import type { RequestState } from './request-state.ts'
import { createVisits, type Visit, type VisitOptions, type VisitRequest } from './visit.ts'

/** What a framework hands to handlers: the object that stands for a request, and what else there is beside it. */
export type Native = readonly [request: object, ...others: unknown[]]

/** One request and its answer, in plain terms: what an adapter makes of its framework's own objects. */
export interface Exchange<Objects extends Native> extends VisitRequest, NativeAnswer {
  /** What the application's hooks get. The first stands for the request: the same object, however often it is asked about. */
  readonly native: Objects
  /** Where handlers look for the state. */
  readonly carrier: { tiktok?: RequestState }
  /** Applies an answer as it stands. Says whether the request is answered, by this or by somebody before it. */
  apply(answer: AuthAnswer | undefined): boolean
  /** Answers what failed on one of our routes, by `onError` or by throwing. `headers` belong on the answer. */
  fail(error: unknown, headers: AuthAnswer['headers']): Promise<void>
}

/** What an adapter does with requests, in a framework whose answers are written to. */
export interface Exchanges<Objects extends Native> {
  /**
   * Answers a request for one of our routes, and gives every request its state. `false`: it is for the application.
   *
   * @throws whatever `fail` does; for a request that is not ours what `identify` does.
   */
  answer(exchange: Exchange<Objects>): Promise<boolean>
  /**
   * Makes what stands before a handler: `false` lets the request pass, `true` has answered it.
   *
   * @throws `configuration` for a scope that is in neither `scope` nor `optionalScope`.
   */
  requireLogin(requirement?: LoginRequirement): (exchange: Exchange<Objects>) => Promise<boolean>
  /** Answers an error that a new login mends. `false`: it is another one, or another app let the request in. */
  recover(exchange: Exchange<Objects>, error: unknown): boolean
  /** Gives the state that this app gave the request. @throws `configuration` if none. */
  of(request: object): RequestState
}

/**
 * Creates what is the same in every adapter whose framework's answers are written to; the adapter reads and writes.
 *
 * `hint` says how the app is mounted, to whoever asks for the state of a request that it has not seen.
 *
 * @example
 * ```ts
 * const exchanges = createExchanges(auth, options, 'Mount it with `app.use(tiktok)`.')
 * if (!(await exchanges.answer(exchange))) next()
 * ```
 */
export function createExchanges<Objects extends Native>(
  auth: TikTokAuth,
  options: VisitOptions & NativeHooks<Objects>,
  hint: string,
): Exchanges<Objects> {
  const visits = createVisits(auth, options)
  // On the request itself: collecting garbage takes several times as long with a `WeakMap` of all requests.
  const opened: unique symbol = Symbol('tiktokAuth')
  type Visited = object & { [opened]?: Visit }

  async function visit(
    exchange: Exchange<Objects>,
    hooks: AuthHooks = bindHooks(options, exchange.native, exchange),
  ): Promise<Visit> {
    const request: Visited = exchange.native[0]
    const known = (request[opened] ??= await visits.open(exchange, hooks))
    exchange.carrier.tiktok = known.state
    return known
  }

  return {
    async answer(exchange) {
      const hooks = bindHooks(options, exchange.native, exchange)
      const visiting = visit(exchange, hooks)
      // Our own routes ask the same, and what `identify` throws then gets the headers that their answers carry.
      await visiting.catch(() => undefined)
      try {
        if (exchange.apply(await auth.handle(exchange, hooks)) || hooks.answered()) return true
        visits.checkMount(exchange)
      } catch (error) {
        await exchange.fail(error, headersOf(error, exchange))
        return true
      }
      exchange.setHeaders((await visiting).headers)
      return false
    },
    requireLogin(requirement = {}) {
      visits.check(requirement)
      return async (exchange) => exchange.apply(await (await visit(exchange)).requireLogin(requirement))
    },
    recover(exchange, error) {
      const { [opened]: known }: Visited = exchange.native[0]
      // With several apps on one request, the one that let it in is the one whose grant ended.
      const ours = known !== undefined && exchange.carrier.tiktok === known.state
      return ours && exchange.apply(known.recover(error))
    },
    of(request: Visited) {
      if (request[opened] !== undefined) return request[opened].state
      throw new ConfigurationError('tiktok', 'has not seen this request.', hint)
    },
  }
}
