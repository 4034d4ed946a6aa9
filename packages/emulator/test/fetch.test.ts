import { expect, test } from 'vitest'
import { createFetch } from '../src/fetch.ts'
import type { WireReply, WireRequest } from '../src/wire.ts'
import { login, start, userInfo } from './support.ts'

/** A fetch onto a server that answers by path, and what arrived there. */
function serveBy(answer: (path: string) => Partial<WireReply>) {
  const arrived: WireRequest[] = []
  const fetch = createFetch(async (request) => {
    arrived.push(request)
    return { status: 200, headers: new Headers(), body: new Uint8Array(), ...answer(request.url.pathname) }
  })
  return { fetch, arrived }
}

const redirectTo = (location: string, status: number) => ({ status, headers: new Headers({ location }) })

test('a redirect turns POST into GET or keeps it, as fetch does', async () => {
  for (const [status, method, body] of [
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'secret'],
    [308, 'POST', 'secret'],
  ] as const) {
    const { fetch, arrived } = serveBy((path) => (path === '/a' ? redirectTo('/b', status) : {}))
    const reply = await fetch('https://one.example/a', { method: 'POST', body: 'secret' })
    expect(reply).toMatchObject({ status: 200, redirected: true, url: 'https://one.example/b' })
    expect(arrived[1]).toMatchObject({ method, body })
  }
})

test('the authorization header stays with its origin', async () => {
  const { fetch, arrived } = serveBy((path) =>
    path === '/a' ? redirectTo('/b', 307) : path === '/b' ? redirectTo('https://two.example/c', 307) : {},
  )
  await fetch('https://one.example/a', { headers: { authorization: 'Bearer x' } })
  expect(arrived.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer x', 'Bearer x', null])
})

test('a circle of redirects ends', async () => {
  const { fetch, arrived } = serveBy(() => redirectTo('/again', 302))
  await expect(fetch('https://one.example/')).rejects.toMatchObject({
    cause: { message: 'redirect count exceeded' },
  })
  expect(arrived).toHaveLength(21)
})

test('statuses without a body, and HEAD, have none', async () => {
  const { fetch } = serveBy((path) => ({
    status: path === '/none' ? 204 : 200,
    body: path === '/none' ? new Uint8Array() : new TextEncoder().encode('text'),
  }))
  expect((await fetch('https://one.example/none')).body).toBeNull()
  expect((await fetch('https://one.example/', { method: 'HEAD' })).body).toBeNull()
  expect(await (await fetch(new Request('https://one.example/'))).text()).toBe('text')
})

test('a mistake of the server’s own is not dressed up as a broken connection', async () => {
  const fetch = createFetch(async () => {
    throw new RangeError('a bug')
  })
  await expect(fetch('https://one.example/')).rejects.toBeInstanceOf(RangeError)
})

test('fields deep in a reply can be spoiled, and their neighbours stay', async () => {
  const emulator = start()
  const { access_token } = await login(emulator)
  emulator.faults.next('user_info', { kind: 'set_field', field: 'data.user.open_id', value: 'another' })
  emulator.faults.next('user_info', { kind: 'missing_field', field: 'data.user.open_id' })
  emulator.faults.next('user_info', { kind: 'set_field', field: 'error.deep.er', value: null })
  const read = async () => (await userInfo(emulator, access_token, 'open_id,display_name')).body
  expect(await read()).toMatchObject({ data: { user: { open_id: 'another', display_name: 'Mia Sommer' } } })
  expect((await read()).data).toEqual({ user: { display_name: 'Mia Sommer' } })
  expect((await read()).error).toMatchObject({ code: 'ok', deep: { er: null } })
})
