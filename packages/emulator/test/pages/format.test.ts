import { expect, test } from 'vitest'
import { formatDuration, renderInstant } from '../../src/pages/format.ts'
import { markup } from '../../src/pages/html.ts'

test.each([
  [0, 'under a minute'],
  [59_999, 'under a minute'],
  [60_000, '1 min'],
  [7_199_999, '1 h 59 min'],
  [7_200_000, '2 h'],
  [86_400_000, '1 d'],
  [15_552_000_000 - 1, '179 d 23 h'],
])('%d ms is written %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text)
})

test('an instant is written as day and time in UTC', () => {
  const text = renderInstant(Date.UTC(2026, 10, 26, 8, 4, 6))[markup]
  expect(text).toContain('datetime="2026-11-26T08:04:06.000Z"')
  expect(text).toContain('08:04:06<')
})

test.each([Number.NaN, Infinity, 1e300, -1e300])('%d, which no calendar has, breaks no page', (at) => {
  expect(() => renderInstant(at)).not.toThrow()
})
