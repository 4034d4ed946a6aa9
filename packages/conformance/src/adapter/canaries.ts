import type { Emulator } from '@tiktok-auth/emulator'
import { fail } from '../check.ts'
import type { Exchange } from './browser.ts'

/** Something that must never be seen, and what it is. */
export interface Canary {
  readonly what: string
  readonly value: string
}

/** Where a case looked for secrets. */
export interface Seen {
  readonly where: string
  readonly text: string
}

/** Collects every secret of a case: the apps' own, and all that the emulator gave out or was sent. */
export function canariesOf(emulator: Emulator, own: readonly Canary[]): readonly Canary[] {
  const tokens = emulator.grants.flatMap(({ tokens: issued }) =>
    issued.map(({ kind, value }) => ({ what: `${kind} token`, value })),
  )
  const sent = emulator.requests.flatMap(({ parameters }) =>
    ['code', 'code_verifier', 'client_secret', 'refresh_token'].map((what) => ({
      what,
      value: parameters[what] ?? '',
    })),
  )
  return [...own, ...tokens, ...sent].filter(({ value }) => value.length >= 8)
}

/** Fails the case when a secret stands anywhere, as it is or in one of the usual encodings. */
export function refuseCanaries(canaries: readonly Canary[], seen: readonly Seen[]): void {
  for (const { what, value } of new Map(canaries.map((each) => [each.value, each])).values()) {
    const forms = new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
    for (const { where, text } of seen) {
      for (const form of forms) if (text.includes(form)) fail(`The ${what} stands in ${where}.`)
    }
  }
}

/** What an answer shows: status, headers and body. */
export function shownBy({ method, path, answer }: Exchange): Seen {
  const headers = answer.headers.map(([name, value]) => `${name}: ${value}`).join('\n')
  const [target = ''] = path.split('?')
  return { where: `the answer to ${method} ${target}`, text: `${headers}\n\n${answer.body}` }
}

/** The addresses that TikTok was asked for. */
export function askedOf(emulator: Emulator): readonly Seen[] {
  return emulator.requests.map(({ url, endpoint }) => ({
    where: `an address of TikTok's ${endpoint} endpoint`,
    text: url,
  }))
}
