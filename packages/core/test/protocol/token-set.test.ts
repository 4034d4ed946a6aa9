import { format, inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ConfigurationError,
  createTokenSet,
  UnexpectedResponseError,
  type TokenSet,
} from '../../src/index.ts'
import type { JsonObject } from '../../src/protocol/json.ts'
import type { JsonReply } from '../../src/protocol/request-json.ts'
import { parseClientToken, parseTokenResponse } from '../../src/protocol/token-set.ts'

const issuedAt = 1_700_000_000_000
const complete = {
  access_token: 'act.canary',
  expires_in: 7200,
  open_id: 'user-1',
  refresh_token: 'rft.canary',
  refresh_expires_in: 15_552_000,
  scope: 'user.info.basic,video.list',
  token_type: 'Bearer',
}
const reply = (json: JsonObject | undefined): JsonReply => ({
  endpoint: 'token',
  httpStatus: 200,
  logId: () => 'log1',
  json,
})
const parse = (json: JsonObject): TokenSet => parseTokenResponse(reply(json), { issuedAt })
const without = (name: keyof typeof complete): JsonObject => {
  const { [name]: _, ...rest } = complete
  return rest
}

function refusal(run: () => unknown): UnexpectedResponseError {
  try {
    run()
  } catch (error) {
    if (error instanceof UnexpectedResponseError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const sample: TokenSet = {
  openId: 'user-1',
  scope: ['user.info.basic', 'video.list'],
  tokenType: 'Bearer',
  accessToken: 'act.canary',
  issuedAt,
  expiresAt: issuedAt + 7_200_000,
  refreshToken: 'rft.canary',
  refreshTokenExpiresAt: issuedAt + 15_552_000_000,
}

describe('createTokenSet', () => {
  test('is plain, frozen, and complete as JSON', () => {
    const tokenSet = createTokenSet(sample)
    expect(tokenSet).toEqual(sample)
    expect(JSON.parse(JSON.stringify(tokenSet))).toEqual(sample)
    expect(Object.getPrototypeOf(tokenSet)).toBe(Object.prototype)
    expect(Object.keys(tokenSet)).toEqual(Object.keys(sample))
    expect(Object.isFrozen(tokenSet) && Object.isFrozen(tokenSet.scope)).toBe(true)
    expect(structuredClone(tokenSet)).toEqual(sample)
  })

  test('prints without its tokens', () => {
    const tokenSet = createTokenSet(sample)
    const asText: unknown = tokenSet
    const printed = [
      inspect(tokenSet),
      inspect(tokenSet, { showHidden: true, depth: null }),
      inspect({ nested: [tokenSet] }, { showHidden: true, depth: null }),
      format('%s %o %O', tokenSet, tokenSet, tokenSet),
      String(asText),
    ].join('\n')
    expect(printed).not.toContain('canary')
    expect(printed).toContain("accessToken: '[hidden]'")
    expect(printed).toContain('user-1')
  })

  test('is silent again after a round trip through JSON', () => {
    const again = createTokenSet(JSON.parse(JSON.stringify(createTokenSet(sample))) as TokenSet)
    expect(again).toEqual(sample)
    expect(inspect(again)).not.toContain('canary')
  })

  test('leaves out unknown members and reads missing or null deadlines as unknown', () => {
    const { expiresAt: _, ...rest } = sample
    const tokenSet = createTokenSet({ ...rest, refreshTokenExpiresAt: null, extra: 1 } as unknown as TokenSet)
    expect(tokenSet).toEqual({ ...rest, expiresAt: undefined, refreshTokenExpiresAt: undefined })
    expect(tokenSet).not.toHaveProperty('extra')
  })

  test.each([
    ['tokenSet', undefined],
    ['tokenSet', 'text'],
    ['tokenSet.openId', { ...sample, openId: 5 }],
    ['tokenSet.scope', { ...sample, scope: 'a,b' }],
    ['tokenSet.scope', { ...sample, scope: [1] }],
    ['tokenSet.accessToken', { ...sample, accessToken: '' }],
    ['tokenSet.refreshToken', { ...sample, refreshToken: undefined }],
    ['tokenSet.issuedAt', { ...sample, issuedAt: '1' }],
    ['tokenSet.expiresAt', { ...sample, expiresAt: Number.NaN }],
    ['tokenSet.refreshTokenExpiresAt', { ...sample, refreshTokenExpiresAt: 'later' }],
  ])('%s of another type is named', (option, fields) => {
    expect(() => createTokenSet(fields as TokenSet)).toThrow(ConfigurationError)
    expect(() => createTokenSet(fields as TokenSet)).toThrow(new RegExp(`\`${option.replace('.', '\\.')}\``))
  })
})

describe('parseTokenResponse', () => {
  test('reads a complete reply', () => {
    expect(parse(complete)).toEqual(sample)
  })

  test('reads the samples of the documents, old lives and new', () => {
    const old =
      '{"access_token":"act.example12345Example12345Example","expires_in":86400,"open_id":"afd97af1-b87b-48b9-ac98-410aghda5344","refresh_expires_in":31536000,"refresh_token":"rft.example12345Example12345Example","scope":"user.info.basic,video.list","token_type":"Bearer"}'
    expect(parse(JSON.parse(old) as JsonObject)).toMatchObject({
      openId: 'afd97af1-b87b-48b9-ac98-410aghda5344',
      expiresAt: issuedAt + 86_400_000,
      refreshTokenExpiresAt: issuedAt + 31_536_000_000,
    })
  })

  const fourHundredDays = 400 * 86_400_000
  test.each<[unknown, number | undefined]>([
    [7200, 7_200_000],
    ['7200', 7_200_000],
    [7200.5, 7_200_500],
    ['7200.5', 7_200_500],
    [0.0001, 0],
    [1e12, fourHundredDays],
    ['999999999999', fourHundredDays],
    [Number.POSITIVE_INFINITY, fourHundredDays],
    [0, undefined],
    [-1, undefined],
    ['-1', undefined],
    ['0', undefined],
    [null, undefined],
    [undefined, undefined],
    ['2h', undefined],
    ['', undefined],
    [' 7200', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['9'.repeat(400), undefined],
    [true, undefined],
    [[7200], undefined],
    [{}, undefined],
  ])('a life of %j is %s ms', (life, expected) => {
    const at = expected === undefined ? undefined : issuedAt + expected
    expect(parse({ ...complete, expires_in: life }).expiresAt).toBe(at)
    expect(parse({ ...complete, refresh_expires_in: life }).refreshTokenExpiresAt).toBe(at)
  })

  test('no life whatever makes a deadline that is no instant', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (life) => {
        const { expiresAt = issuedAt } = parse({ ...complete, expires_in: life })
        expect(Number.isSafeInteger(expiresAt)).toBe(true)
        expect(expiresAt - issuedAt).toBeLessThanOrEqual(fourHundredDays)
      }),
    )
  })

  test.each([['bearer'], ['BEARER'], ['Bearer'], [undefined], [null]])(
    'token type %s is Bearer',
    (token_type) => {
      expect(parse({ ...complete, token_type }).tokenType).toBe('Bearer')
    },
  )
  test.each([['mac'], [''], ['Bearer '], [5], [['bearer']]])('token type %j is refused', (token_type) => {
    expect(refusal(() => parse({ ...complete, token_type })).message).toContain('token_type')
  })

  test.each(['access_token', 'open_id', 'refresh_token'] as const)(
    'an exchange without %s is refused',
    (field) => {
      for (const json of [
        without(field),
        ...[null, '', ' ', 5, {}, []].map((value) => ({ ...complete, [field]: value })),
      ]) {
        const error = refusal(() => parse(json))
        expect(error.message).toContain(`\`${field}\``)
        expect(error).toMatchObject({ endpoint: 'token', httpStatus: 200, logId: 'log1' })
        expect(error.message).not.toContain('canary')
      }
    },
  )

  test.each([['act.\ncanary'], ['act.canary canary'], ['act.cänary']])(
    'an access token like %j is refused',
    (access_token) => {
      const error = refusal(() => parse({ ...complete, access_token }))
      expect(error.message).not.toContain('nary')
    },
  )

  test('an empty body is refused', () => {
    expect(refusal(() => parseTokenResponse(reply(undefined), { issuedAt })).message).toContain('empty')
  })

  test('scope: absent is what was asked for, empty is nothing, another type is refused', () => {
    const requestedScope = ['a', 'b']
    const read = (json: JsonObject): readonly string[] =>
      parseTokenResponse(reply(json), { issuedAt, requestedScope }).scope
    expect(read(without('scope'))).toEqual(['a', 'b'])
    expect(read({ ...complete, scope: null })).toEqual(['a', 'b'])
    expect(read({ ...complete, scope: '' })).toEqual([])
    expect(read({ ...complete, scope: ' b, a ,b,' })).toEqual(['b', 'a'])
    expect(parse(without('scope')).scope).toEqual([])
    expect(refusal(() => read({ ...complete, scope: ['a'] })).message).toContain('`scope`')
  })

  test('a refresh keeps what the reply leaves out', () => {
    const later = issuedAt + 5000
    const json = { access_token: 'act.2', refresh_token: '', refresh_expires_in: 0 }
    const tokenSet = parseTokenResponse(reply(json), { issuedAt: later, previous: sample })
    expect(tokenSet).toEqual({ ...sample, accessToken: 'act.2', issuedAt: later, expiresAt: undefined })
  })

  test('a refresh takes what the reply says, another user included', () => {
    const json = { ...complete, open_id: 'user-2', scope: 'user.info.basic', refresh_token: 'rft.2' }
    const tokenSet = parseTokenResponse(reply(json), { issuedAt, previous: sample })
    expect(tokenSet).toMatchObject({ openId: 'user-2', scope: ['user.info.basic'], refreshToken: 'rft.2' })
  })

  test('members out of a prototype count for nothing', () => {
    const json = JSON.parse(
      '{"__proto__":{"access_token":"x","refresh_token":"y"},"open_id":"u"}',
    ) as JsonObject
    expect(refusal(() => parse(json)).message).toContain('access_token')
    const prototype = Object.prototype as unknown as Record<string, unknown>
    prototype['access_token'] = 'polluted'
    try {
      expect(refusal(() => parse(without('access_token'))).message).toContain('access_token')
    } finally {
      delete prototype['access_token']
    }
  })
})

test('parseClientToken reads what a client token has, and prints without it', () => {
  const token = parseClientToken(
    reply({ access_token: 'clt.canary', expires_in: 7200, token_type: 'Bearer' }),
    issuedAt,
  )
  expect(token).toEqual({ accessToken: 'clt.canary', tokenType: 'Bearer', expiresAt: issuedAt + 7_200_000 })
  expect(inspect(token, { showHidden: true })).not.toContain('canary')
  expect(refusal(() => parseClientToken(reply({}), issuedAt)).message).toContain('access_token')
})
