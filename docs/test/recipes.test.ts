import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { Meter } from '@opentelemetry/api'
import type { RefreshReport, TokenEvent } from '@tiktok-auth/core'
import { EventEmitter, once } from 'node:events'
import { PassThrough } from 'node:stream'
import { pino, type Logger } from 'pino'
import { expect, test, vi } from 'vitest'
import { recipe } from './support/recipe.ts'

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

test('pino gets each event at its level, with errors where it looks for them', async () => {
  const { logTo } = await recipe<Record<'logTo', (logger: Logger) => (event: TokenEvent) => void>>('logTo')
  const output = new PassThrough({ encoding: 'utf8' })
  const log = logTo(pino({ base: null, timestamp: false }, output))
  events.forEach(log)
  const lines = String(output.read()).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 30, openId: 'u', durationMs: 12, msg: 'refreshed' },
    {
      level: 40,
      openId: 'u',
      code: 'network',
      failures: 2,
      err: { type: 'Error', message: 'broken', stack: expect.any(String) },
      msg: 'refresh_failed',
    },
    { level: 40, openId: 'u', cause: 'ambiguous', msg: 'reauthorization_required' },
    { level: 50, answered: 10, rejected: 5, msg: 'brake_applied' },
  ])
})

test('OpenTelemetry counts by type and measures refreshes, without open ids', async () => {
  const { measureWith } =
    await recipe<Record<'measureWith', (meter: Meter) => (event: TokenEvent) => void>>('measureWith')
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter })
  const provider = new MeterProvider({ readers: [reader] })
  events.forEach(measureWith(provider.getMeter('tiktok-auth')))
  await provider.forceFlush()
  const metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  await provider.shutdown()
  const pointsOf = (name: string): readonly unknown[] =>
    metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
  expect(pointsOf('tiktok.tokens.refresh.duration')).toMatchObject([
    { attributes: {}, value: { count: 1, sum: 12 } },
  ])
  const counted = pointsOf('tiktok.tokens.events') as readonly { attributes: object; value: number }[]
  expect(counted.map(({ attributes, value }) => [value, attributes])).toEqual([
    [1, { type: 'refreshed' }],
    [1, { type: 'refresh_failed', code: 'network' }],
    [1, { type: 'reauthorization_required', cause: 'ambiguous' }],
    [1, { type: 'brake_applied' }],
  ])
})
