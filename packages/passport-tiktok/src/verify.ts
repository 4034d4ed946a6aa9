import type { Login } from '@tiktok-auth/core'
import type {
  StrategyRequest,
  VerifyCallback,
  VerifyFunction,
  VerifyFunctionWithParams,
  VerifyFunctionWithRequest,
  VerifyFunctionWithRequestAndParams,
} from './options.ts'
import { profileOf } from './profile.ts'
import { infoOf, tokenParams } from './token-params.ts'

/** Every form that a verify callback may have. */
export type AnyVerifyFunction =
  VerifyFunction | VerifyFunctionWithParams | VerifyFunctionWithRequest | VerifyFunctionWithRequestAndParams

/** What a verify callback has decided. */
export interface Verified {
  readonly user: Express.User
  readonly info: object
}

/** The verify callback knows no user for this login. */
export class VerifyRefusal extends Error {
  override readonly name = 'VerifyRefusal'
  readonly info: object | undefined

  constructor(info: object | undefined) {
    super('The verify callback refused this login.')
    this.info = info
  }
}

/** Tells what {@link verifyLogin} gave from anything else. */
export function isVerified(value: unknown): value is Verified {
  return typeof value === 'object' && value !== null && 'user' in value && 'info' in value
}

/**
 * Asks the verify callback who this is. Its first answer counts; it may also throw, or reject.
 *
 * @throws {@link VerifyRefusal} for `false`, and whatever the callback ends with.
 */
export async function verifyLogin(
  { verify, passRequest }: { readonly verify: AnyVerifyFunction; readonly passRequest: boolean },
  req: StrategyRequest,
  login: Login,
): Promise<Verified> {
  const { user, info } = await new Promise<{
    user: Express.User | false | undefined
    info: object | undefined
  }>((resolve, reject) => {
    const done: VerifyCallback = (error, user, info) => {
      if (error) reject(error as Error)
      else resolve({ user, info })
    }
    const given = [
      ...(passRequest ? [req] : []),
      ...argumentsFor(verify.length - (passRequest ? 1 : 0), login),
    ]
    const returned: unknown = Reflect.apply(verify, undefined, [...given, done])
    if (returned instanceof Promise) returned.catch(reject)
  })
  if (!user) throw new VerifyRefusal(info)
  return { user, info: { ...asObject(info), ...infoOf(login) } }
}

/** As passport-oauth2 counts: five parameters, the request aside, ask for the token endpoint's answer. */
function argumentsFor(arity: number, login: Login): readonly unknown[] {
  const { tokenSet } = login
  const tokens = [tokenSet.accessToken, tokenSet.refreshToken]
  return arity === 5 ? [...tokens, tokenParams(login), profileOf(login)] : [...tokens, profileOf(login)]
}

/** Some callbacks give a mere text, which Passport takes for a message. */
function asObject(info: unknown): object {
  if (typeof info === 'object' && info !== null) return info
  return info === undefined || info === null ? {} : { message: info }
}
