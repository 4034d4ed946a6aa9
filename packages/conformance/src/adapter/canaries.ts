import type { Emulator } from '@tiktok-auth/emulator'
import { fail } from '../check.ts'
import { parseSetCookie } from './cookie-jar.ts'
import type { Exchange } from './browser.ts'

// What is shorter stands in texts by chance.
const shortestSecret = 12

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
  return [...own, ...tokens, ...sent]
}

/** The codes that callbacks have brought, used or not. */
export function codesOf(exchanges: readonly Exchange[]): readonly Canary[] {
  return exchanges.flatMap(({ path }) => {
    const [, query] = path.split('?')
    return new URLSearchParams(query).getAll('code').map((value) => ({ what: 'code', value }))
  })
}

/** What browsers were given to keep. It travels in cookies, and nowhere else. */
export function sealedOf(exchanges: readonly Exchange[]): readonly Canary[] {
  return exchanges.flatMap(({ answer }) =>
    answer.cookies.map(parseSetCookie).map(({ value }) => ({ what: 'value of a cookie', value })),
  )
}

/** Fails the case when a secret stands anywhere, as it is or in escapes. */
export function refuseCanaries(canaries: readonly Canary[], seen: readonly Seen[]): void {
  const unique = new Map(canaries.map(({ what, value }) => [value, what]))
  // Escapes are undone once, whoever wrote them and however many characters they cover.
  const texts = seen.map(({ where, text }) => ({ where, text: `${text}\n${unescaped(text)}` }))
  for (const [value, what] of unique) {
    if (value.length < shortestSecret) continue
    for (const { where, text } of texts) if (text.includes(value)) fail(`The ${what} stands in ${where}.`)
  }
}

function unescaped(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})|\\u([0-9a-f]{4})/gi, (_, percent?: string, unicode?: string) =>
    String.fromCharCode(parseInt(percent ?? unicode ?? '', 16)),
  )
}

/** What an answer shows: status, headers and body. */
export function shownBy({ method, path, answer }: Exchange): Seen {
  const headers = answer.headers.map(([name, value]) => `${name}: ${value}`).join('\n')
  const [target = ''] = path.split('?')
  return { where: `the answer to ${method} ${target}`, text: `${headers}\n\n${answer.body}` }
}

/** The body of an answer. */
export function bodyOf({ method, path, answer }: Exchange): Seen {
  const [target = ''] = path.split('?')
  return { where: `the body of the answer to ${method} ${target}`, text: answer.body }
}

/** The addresses that TikTok was asked for. */
export function askedOf(emulator: Emulator): readonly Seen[] {
  return emulator.requests.map(({ url, endpoint }) => ({
    where: `an address of TikTok's ${endpoint} endpoint`,
    text: url,
  }))
}
