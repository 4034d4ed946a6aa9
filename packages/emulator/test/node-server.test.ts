import { request } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listenOnSocket } from '../src/node-server.ts'
import type { Emulator, ListeningEmulator } from '../src/index.ts'
import { credentials, start } from './support.ts'

let emulator: Emulator
let listening: ListeningEmulator
beforeEach(async () => {
  emulator = start()
  listening = await emulator.listen()
})
afterEach(() => listening.close())

interface Sending {
  readonly origin?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

function send(sending: Sending): Promise<{ status: number | undefined; text: string }> {
  const { hostname, port } = new URL(sending.origin ?? listening.origin)
  const { path = '/v2/oauth/token/', headers, body = '' } = sending
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method: 'POST', path, ...(headers && { headers }) }, (reply) => {
      let text = ''
      reply.on('data', (chunk: Buffer) => (text += chunk.toString()))
      reply.once('end', () => resolve({ status: reply.statusCode, text }))
    })
    call.once('error', reject).end(body)
  })
}

const form = 'application/x-www-form-urlencoded'
const body = new URLSearchParams({ ...credentials, grant_type: 'client_credentials' }).toString()

test('a content type that is sent twice is refused', async () => {
  expect((await send({ headers: { 'Content-Type': form }, body })).text).toContain('access_token')
  const twice = await send({ headers: { 'Content-Type': [form, form] }, body })
  expect(JSON.parse(twice.text)).toMatchObject({ error: 'invalid_request' })
})

test('what is too large, or makes no sense as an address, is refused', async () => {
  const large = await send({ headers: { 'Content-Type': form }, body: 'x'.repeat(1_048_577) })
  expect(large.status).toBe(400)
  expect((await send({ path: 'http://127.0.0.1/v2/oauth/token/' })).status).toBe(400)
  expect((await send({ headers: { host: 'not a host' } })).status).toBe(400)
  expect(emulator.requests).toEqual([])
})

test('a mistake of the emulator’s own is answered, and the next request is served', async () => {
  let calls = 0
  const socket = await listenOnSocket(async () => {
    calls += 1
    if (calls === 1) throw new Error('out of order')
    return { status: 204, headers: new Headers(), body: new Uint8Array() }
  }, {})
  expect(await send({ origin: socket.origin })).toEqual({
    status: 500,
    text: 'The emulator failed: Error: out of order\n',
  })
  expect(await send({ origin: socket.origin })).toEqual({ status: 204, text: '' })
  await socket.close()
})

test('closing cuts whoever still waits', async () => {
  const hold = emulator.faults.next('token', { kind: 'hold' })
  const waiting = send({ headers: { 'Content-Type': form }, body }).catch((error: unknown) => error)
  await hold.reached
  await listening.close()
  expect(await waiting).toMatchObject({ code: 'ECONNRESET' })
  hold.release()
})
