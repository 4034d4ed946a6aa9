import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { copyCause, createRedact } from '../../src/protocol/redact.ts'

test('known secrets go, plain or encoded; short ones are no secrets', () => {
  const redact = createRedact(() => ['can/ary+secret', 'ab', ''])
  expect(redact('a can/ary+secret b can%2Fary%2Bsecret ab')).toBe('a [redacted] b [redacted] ab')
})

test('control characters become blanks, long text is cut', () => {
  const redact = createRedact(() => [])
  expect(redact('a\r\nb\u0000\u0085\u2028c')).toBe('a b c')
  expect(redact('x'.repeat(600))).toBe(`${'x'.repeat(500)}…`)
  expect(redact('xyz', 2)).toBe('xy…')
})

test('a copied cause keeps names, codes and messages, and nothing else', () => {
  const inner = Object.assign(new Error('inner canary-token'), { code: 'HPE_INVALID', data: 'canary-token' })
  const both = new AggregateError([inner, 'text canary-token'], 'both canary-token')
  const copy = copyCause(
    new TypeError('fetch failed', { cause: both }),
    createRedact(() => ['canary-token']),
  )
  const printed = inspect(copy, { depth: null, showHidden: true })
  expect(printed).not.toContain('canary-token')
  expect(printed).toContain('HPE_INVALID')
  expect(copy).toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { errors: [{ message: 'inner [redacted]' }, undefined] },
  })
})

test('what is no error is not copied, and a circle ends', () => {
  const redact = createRedact(() => [])
  expect(copyCause('canary', redact)).toBeUndefined()
  expect(copyCause({ message: 5, name: 'x' }, redact)).toBeUndefined()
  expect(copyCause({ message: 'other realm', name: 'TypeError' }, redact)).toBeInstanceOf(Error)
  const circle = new Error('circle')
  circle.cause = circle
  expect(inspect(copyCause(circle, redact))).toContain('circle')
})
