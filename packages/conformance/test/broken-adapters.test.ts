import { beforeEach, expect, test, vi } from 'vitest'
import { authAdapterCases, runAdapterCases } from '../src/index.ts'
import { brokenAdapters, type Broken } from './support/broken.ts'
import { brokenUsers } from './support/broken-users.ts'
import { serveWith } from './support/node-adapter.ts'

/** How many of the cases that must stay green each adapter is tried with: every sixth, others each time. */
const share = 6

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})

test.each([...brokenAdapters, ...brokenUsers].map((broken, index) => [broken.fault, broken, index] as const))(
  'an adapter that %s turns its cases red, and no others',
  async (_, broken, index) => {
    const chosen = new Set(
      authAdapterCases.filter((each, place) => isRed(each.name, broken) || place % share === index % share),
    )
    const { results } = await runAdapterCases(serveWith(broken.seams()), { only: (each) => chosen.has(each) })
    const red = results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
    const expected = results.map(({ name }) => name).filter((name) => isRed(name, broken))
    expect(red).toEqual(expected)
    expect(red.length).toBeGreaterThan(0)
  },
)

function isRed(name: string, { red }: Broken): boolean {
  return red.some((pattern) => (typeof pattern === 'string' ? pattern === name : pattern.test(name)))
}
