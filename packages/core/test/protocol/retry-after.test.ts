import { expect, test } from 'vitest'
import { parseRetryAfter } from '../../src/protocol/retry-after.ts'

const now = (): number => Date.UTC(2026, 10, 26, 12, 0, 0)

test.each([
  ['0', 0],
  ['30', 30_000],
  [' 30 ', 30_000],
  ['1000000000', 1_000_000_000_000],
  ['Thu, 26 Nov 2026 12:01:00 GMT', 60_000],
  ['Thu, 26 Nov 2026 11:00:00 GMT', 0],
])('%j is %s ms', (value, ms) => {
  expect(parseRetryAfter(value, now)).toBe(ms)
})

test.each([
  undefined,
  '',
  '-5',
  '+5',
  '1.5',
  '1e9',
  'soon',
  'foo 5',
  '9'.repeat(400),
  'Thu, 99 Nov 2026 12:01:00 GMT',
  'Thu, 26 Nov 2026 12:01:00 GMT, 5',
  '2026-11-26T12:01:00Z',
])('%j is nothing', (value) => {
  expect(parseRetryAfter(value, now)).toBeUndefined()
})
