import type { ConsentOptions } from '@tiktok-auth/emulator'
import { check, equal, present } from '../check.ts'
import type { Browser } from './browser.ts'
import type { Answer } from './http.ts'
import type { Rig } from './rig.ts'

/** How to log in. */
export interface LoginOptions extends ConsentOptions {
  /** Where the login starts. Default: the login route. */
  readonly at?: string
}

/** A login that waits for its callback. */
export interface StartedLogin {
  readonly answer: Answer
  /** The authorization request. */
  readonly url: URL
  /** The callback, path and query. */
  readonly callback: string
}

/** Starts a login in a browser and lets the person agree, or not. */
export async function startLogin(
  rig: Rig,
  browser: Browser,
  options: LoginOptions = {},
): Promise<StartedLogin> {
  const { at = '/auth/tiktok', ...consent } = options
  const answer = await browser.open(at)
  equal('the status of the answer that starts a login', answer.status, 303)
  const url = new URL(present('the address that the login leads to', answer.location))
  const { pathname, search } = await rig.emulator.consent(url, consent)
  return { answer, url, callback: pathname + search }
}

/** Logs a browser in; gives the answer to the callback. */
export async function logIn(rig: Rig, browser: Browser, options: LoginOptions = {}): Promise<Answer> {
  const { callback } = await startLogin(rig, browser, options)
  const answer = await browser.open(callback)
  equal('the status of the answer to the callback', answer.status, 303)
  return answer
}

/** Asks the site who is signed in on this browser. */
export async function whoIs(browser: Browser, page = '/'): Promise<string | null> {
  const answer = await browser.api(page)
  equal(`the status of ${page}`, answer.status, 200)
  return (answer.json() as { openId: string | null }).openId
}

/** Fails the case when somebody is signed in on this browser. */
export async function nobodyIn(browser: Browser, page = '/'): Promise<void> {
  equal('who is signed in', await whoIs(browser, page), null)
}

/** Fails the case unless the emulator's last grant is signed in on this browser. */
export async function somebodyIn(rig: Rig, browser: Browser, page = '/'): Promise<void> {
  const openId = await whoIs(browser, page)
  check(
    rig.emulator.grants.some((grant) => grant.openId === openId),
    'Nobody is signed in.',
  )
}

/** Counts the requests to the token endpoint, of one grant type or of all. */
export function tokenRequests({ emulator }: Rig, grantType?: string): number {
  return emulator.requests.filter(
    ({ endpoint, grantType: type }) =>
      endpoint === 'token' && (grantType === undefined || type === grantType),
  ).length
}

/** Fails the case unless an answer refuses: a status from 400 to 499, and nobody signed in. */
export async function refused(browser: Browser, answer: Answer, page = '/'): Promise<void> {
  check(answer.status >= 400 && answer.status < 500, `Expected a refusal, got ${answer.status}.`)
  await nobodyIn(browser, page)
}

/** Fails the case unless caches and referrers are told to keep an answer to themselves. */
export function unshared(what: string, answer: Answer): void {
  equal(`cache-control of ${what}`, answer.header('cache-control'), 'no-store')
  equal(`referrer-policy of ${what}`, answer.header('referrer-policy'), 'no-referrer')
}

/** Waits for the login's callback as `startLogin` does, with a query of the case's own. */
export async function callbackWith(
  rig: Rig,
  browser: Browser,
  query: (own: { readonly code: string; readonly state: string }) => string,
): Promise<Answer> {
  const { callback } = await startLogin(rig, browser)
  const { searchParams } = new URL(callback, 'https://own.invalid')
  const code = present('the code', searchParams.get('code'))
  const state = present('the state', searchParams.get('state'))
  return browser.open(`/auth/tiktok/callback?${query({ code: encodeURIComponent(code), state })}`)
}
