import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as undici from 'undici'
import { expect, test } from 'vitest'
import { createTikTokClient, undiciTransport, type HttpTransport } from '../../src/index.ts'

const basics = {
  clientKey: 'key123',
  clientSecret: 'canary-secret',
  redirectUri: 'https://App.Example:443/cb',
}

test.each<[string, HttpTransport | undefined]>([
  ['fetch', undefined],
  ['undici', undiciTransport(undici)],
])('exchanges a code over %s', async (_, transport) => {
  let seen: unknown
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen = { type: request.headers['content-type'], body, url: request.url }
      response.end(
        JSON.stringify({
          access_token: 'act.1',
          expires_in: 7200,
          open_id: 'user-1',
          refresh_token: 'rft.1',
          refresh_expires_in: 15552000,
          scope: 'user.info.basic,video.list',
          token_type: 'Bearer',
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createTikTokClient(
    { ...basics, endpoints: { tokenEndpoint: `${origin}/v2/oauth/token/` }, now: () => 1000 },
    transport === undefined ? {} : { transport },
  )
  const tokenSet = await client.exchangeCode({ code: 'a*1!4608.va' })
  expect(tokenSet).toMatchObject({
    accessToken: 'act.1',
    expiresAt: 7_201_000,
    scope: ['user.info.basic', 'video.list'],
  })
  expect(seen).toEqual({
    url: '/v2/oauth/token/',
    type: 'application/x-www-form-urlencoded',
    body: 'client_key=key123&client_secret=canary-secret&grant_type=authorization_code&code=a*1%214608.va&redirect_uri=https%3A%2F%2FApp.Example%3A443%2Fcb',
  })
  server.closeAllConnections()
  server.close()
})
