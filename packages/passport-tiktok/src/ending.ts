import { ConfigurationError } from '@tiktok-auth/core'
import type { ServerResponse } from 'node:http'

/** How an attempt to authenticate ends, in Passport's terms. */
export type Ending =
  | { readonly kind: 'success'; readonly user: Express.User; readonly info: object }
  | { readonly kind: 'fail'; readonly challenge: object | undefined; readonly status: number | undefined }
  | { readonly kind: 'redirect'; readonly url: string; readonly status: number }
  | { readonly kind: 'error'; readonly error: unknown }

/** What Passport puts on the copy of a strategy that it makes for a request. */
export interface PassportActions {
  success(user: Express.User, info?: object): void
  fail(challenge?: object, status?: number): void
  redirect(url: string, status?: number): void
  error(error: unknown): void
}

/** Finds Passport's actions on a strategy. @throws `configuration` when it was not Passport that called it. */
export function actionsOf(strategy: object): PassportActions {
  if (hasActions(strategy)) return strategy
  throw new ConfigurationError('strategy', "must be called by Passport: `passport.authenticate('tiktok')`.")
}

function hasActions(strategy: object): strategy is PassportActions {
  return ['success', 'fail', 'redirect', 'error'].every((name) => {
    return typeof Reflect.get(strategy, name) === 'function'
  })
}

/**
 * Ends a request by one of Passport's actions. What the application throws meanwhile (a session that cannot begin
 * anew, say) is an error of this request, and never one of the process.
 */
export function conclude(ending: Ending, actions: PassportActions, res: ServerResponse | undefined): void {
  try {
    act(ending, actions)
  } catch (error) {
    try {
      actions.error(error)
    } catch {
      giveUp(res)
    }
  }
}

function act(ending: Ending, actions: PassportActions): void {
  switch (ending.kind) {
    case 'success':
      return actions.success(ending.user, ending.info)
    case 'fail':
      return actions.fail(ending.challenge, ending.status)
    case 'redirect':
      return actions.redirect(ending.url, ending.status)
    case 'error':
      return actions.error(ending.error)
  }
}

/** Nobody is left to tell. */
function giveUp(res: ServerResponse | undefined): void {
  if (res === undefined || res.writableEnded) return
  if (!res.headersSent) res.statusCode = 500
  res.end()
}
