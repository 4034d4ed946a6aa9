import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { EventEmitter, once } from 'node:events'
import { afterAll, expect, test, vi } from 'vitest'
import type { RefreshReport, TokenEvent } from '../src/index.ts'

// What docs/recipes.md shows is run as it stands there; that it compiles is checked with the READMEs.
const page = readFileSync(new URL('../../../docs/recipes.md', import.meta.url), 'utf8')
const folder = new URL('../.tmp/recipes/', import.meta.url)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function recipe<Module>(name: string): Promise<Module> {
  const code = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text ?? '')
  const found = code.find((text) => text.includes(`export function ${name}(`))
  mkdirSync(folder, { recursive: true })
  const file = new URL(`${name}.ts`, folder)
  writeFileSync(file, found ?? 'no such recipe')
  const module: Module = await import(/* @vite-ignore */ file.href)
  return module
}

test('the timer works until a batch is not full, goes on after a failure, and ends', async () => {
  type Refresher = { refreshDue(): Promise<Partial<RefreshReport>> }
  const { keepFresh } =
    await recipe<Record<'keepFresh', (tokens: Refresher, everyMs: number) => () => void>>('keepFresh')
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const rounds = new EventEmitter()
  const replies: (Partial<RefreshReport> | Error)[] = [
    { due: 500, refreshed: 500 },
    { due: 500, refreshed: 0 },
    new Error('the store is down'),
    { due: 500, refreshed: 20, stopped: 'rate_limited' },
  ]
  let calls = 0
  const stop = keepFresh(
    {
      async refreshDue() {
        const reply = replies[calls++] ?? { due: 3, refreshed: 3 }
        rounds.emit(`call ${calls}`)
        if (reply instanceof Error) throw reply
        return reply
      },
    },
    5,
  )
  // One call for each reply: none of them but the first is followed by another one at once, and none ends the timer.
  await once(rounds, 'call 6')
  stop()
  const made = calls
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(calls - made).toBeLessThanOrEqual(1)
  expect(console.error).toHaveBeenCalledTimes(1)
})

const events: readonly TokenEvent[] = [
  { type: 'refreshed', openId: 'u', durationMs: 12 },
  { type: 'refresh_failed', openId: 'u', code: 'network', failures: 2, error: new Error('broken') },
  { type: 'reauthorization_required', openId: 'u', cause: 'ambiguous' },
  { type: 'brake_applied', answered: 10, rejected: 5 },
]

test('the logger gets each event at its level, with errors where pino looks for them', async () => {
  const { logTo } = await recipe<Record<'logTo', (logger: object) => (event: TokenEvent) => void>>('logTo')
  const lines: unknown[] = []
  const at = (level: string) => (fields: object, message: string) => lines.push([level, message, fields])
  const log = logTo({ info: at('info'), warn: at('warn'), error: at('error') })
  events.forEach(log)
  expect(lines).toEqual([
    ['info', 'refreshed', { openId: 'u', durationMs: 12 }],
    ['warn', 'refresh_failed', { openId: 'u', code: 'network', failures: 2, err: new Error('broken') }],
    ['warn', 'reauthorization_required', { openId: 'u', cause: 'ambiguous' }],
    ['error', 'brake_applied', { answered: 10, rejected: 5 }],
  ])
})

test('the metrics count by type and measure refreshes, without open ids', async () => {
  const { measureWith } =
    await recipe<Record<'measureWith', (meter: object) => (event: TokenEvent) => void>>('measureWith')
  const [counted, recorded]: [unknown[], unknown[]] = [[], []]
  const measure = measureWith({
    createCounter: () => ({ add: (...values: unknown[]) => counted.push(values) }),
    createHistogram: () => ({ record: (value: unknown) => recorded.push(value) }),
  })
  events.forEach(measure)
  expect(recorded).toEqual([12])
  expect(counted).toEqual([
    [1, { type: 'refreshed' }],
    [1, { type: 'refresh_failed', code: 'network' }],
    [1, { type: 'reauthorization_required', cause: 'ambiguous' }],
    [1, { type: 'brake_applied' }],
  ])
})
