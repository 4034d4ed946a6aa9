import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AuthorizationResponseError, parseAuthorizationResponse, TransactionError } from '../../src/index.ts'

const parse = (query: string): unknown => parseAuthorizationResponse(new URLSearchParams(query))

test('a code arrives decoded exactly once', () => {
  expect(parse('code=a%2Ab%21c%2Bd%2525&scopes=user.info.basic%2Cvideo.list&state=s&log_id=1&iss=x')).toEqual(
    {
      state: 's',
      outcome: { type: 'code', code: 'a*b!c+d%25' },
    },
  )
})

test('an error arrives with everything that tells why', () => {
  expect(
    parse(
      'error=access_denied&error_description=Not%0Aa+target&error_type=non_sandbox_target&errCode=10011&state=s',
    ),
  ).toEqual({
    state: 's',
    outcome: {
      type: 'error',
      error: {
        error: 'access_denied',
        errorDescription: 'Not a target',
        errorType: 'non_sandbox_target',
        errCode: '10011',
        parameters: {},
      },
    },
  })
  expect(parse('error=access_denied&error_code=-2&state=s')).toMatchObject({
    outcome: { error: { errCode: '-2' } },
  })
})

test('an error keeps what TikTok says beside it without documenting it', () => {
  const long = 'x'.repeat(2000)
  const query = `error=access_denied&log_id=L1&additionalPermissions=a%0Ab&long=${long}&empty=&__proto__=p&a%3Cb=c&x[y]=z`
  expect(parse(`${query}&state=s`)).toMatchObject({
    outcome: {
      error: { parameters: { log_id: 'L1', additionalPermissions: 'a b', long: `${long.slice(0, 500)}…` } },
    },
  })
  const thrown = new AuthorizationResponseError({ error: 'access_denied', parameters: { log_id: 'L1' } })
  expect(JSON.parse(JSON.stringify(thrown))).toMatchObject({ parameters: { log_id: 'L1' } })
  expect(new AuthorizationResponseError({ error: 'access_denied' }).parameters).toEqual({})
})

test('an empty parameter counts as absent', () => {
  expect(parse('code=c&state=s&error=&error_description=')).toMatchObject({ outcome: { type: 'code' } })
})

test.each([['code=c&state=s'], [{ code: 'c', state: 's' }], [[['code', 'c']]], [undefined], [null]])(
  "a query that is %j is the caller's mistake",
  (query) => {
    expect(() => parseAuthorizationResponse(query as unknown as URLSearchParams)).toThrow(/`query`/)
  },
)

describe('refused as malformed', () => {
  test.each([
    [''],
    ['state=s'],
    ['code=c'],
    ['error=access_denied'],
    ['code=c&state='],
    ['code=&state=s'],
    ['code=c&error=access_denied&state=s'],
    ['code=a&code=b&state=s'],
    ['code=a&code=a&state=s'],
    ['code=a&code=&state=s'],
    ['code=a&state=s&state=s'],
    ['code=a&state=s&state[]=x'],
    ['code=a&state=s&state[a]=b'],
    ['code=a&state=s&code[]='],
    ['code[]=a&state=s'],
    ['code[a]=a&state=s'],
    ['code=a&state[]=s'],
    ['code=a&state=s&scopes=a&scopes=b'],
    ['code=a&state=s&scope[0]=b'],
    ['error=a&error=b&state=s'],
    ['error=a&error_description=a&error_description=b&state=s'],
    ['error=a&error_type[]=b&state=s'],
    ['error=%3Cscript%3E&state=s'],
    ['error=a&error_type=%22%3E&state=s'],
    ['error=a&errCode=1%0A&state=s'],
    ['code=%E4%B8%AD&state=s'],
    ['code=%FF%FE&state=s'],
    ['code=%00&state=s'],
    [`code=${'x'.repeat(65_536)}&state=s`],
    [`code=c&state=${'x'.repeat(1_048_576)}`],
    [`error=${'x'.repeat(101)}&state=s`],
    [`code=c&state=s&${'a=b&'.repeat(10_000)}`],
  ])('%#', (query) => {
    expect(() => parse(query)).toThrow(TransactionError)
    expect(() => parse(query)).toThrow(expect.objectContaining({ reason: 'malformed_callback', status: 400 }))
  })

  test('prototype members in the query change nothing', () => {
    expect(parse('code=c&state=s&__proto__[x]=1&constructor[prototype][x]=1&hasOwnProperty=1')).toMatchObject(
      { state: 's' },
    )
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test('any query gives an outcome or a typed refusal', () => {
    const name = fc.constantFrom('code', 'state', 'error', 'code[]', 'scopes', 'x', 'error_type', '__proto__')
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string()), { maxLength: 8 }), (pairs) => {
        let states: unknown[]
        try {
          states = [['state', parseAuthorizationResponse(new URLSearchParams(pairs)).state]]
        } catch (error) {
          if (!(error instanceof TransactionError)) throw error
          return
        }
        expect(pairs.filter(([each]) => each === 'state')).toEqual(states)
      }),
    )
  })
})
