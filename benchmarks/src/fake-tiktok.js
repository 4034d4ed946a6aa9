// The cheapest thing that answers like TikTok's token endpoint and user info: no checks, no memory, one write per reply.
import { createServer } from 'node:http'
import { answerParent } from './child.js'
import { app, paths } from './fixtures.js'
import { listen } from './listen.js'

const counts = { tokens: 0, userInfos: 0 }
const filler = 'k3Vq9ZtB7nXw2LcRdY8mHsFj5PgTaUe4Qi6WoNx1CyMbJzKvDhSrGfEuAl0'

const server = createServer((request, response) => {
  request.resume()
  request.once('end', () => reply(request.url ?? '', response))
})

/** @param {string} url @param {import('node:http').ServerResponse} response */
function reply(url, response) {
  if (url.startsWith(paths.token)) return send(response, tokenReply(++counts.tokens))
  if (url.startsWith(paths.userInfo)) return send(response, userInfoReply(++counts.userInfos))
  response.writeHead(404).end()
}

/** @param {number} serial */
function tokenReply(serial) {
  return {
    access_token: `act.${serial}.${filler}!4213.va`,
    expires_in: 7200,
    open_id: openId(serial),
    refresh_expires_in: 15_552_000,
    refresh_token: `rft.${serial}.${filler}!4207.va`,
    scope: app.scope,
    token_type: 'Bearer',
  }
}

/** @param {number} serial */
function userInfoReply(serial) {
  const avatar = `https://p16-sign.tiktokcdn.example/tos/${filler}`
  return {
    data: {
      user: {
        open_id: openId(serial),
        union_id: `c9c60f44-a68e-4f5d-84dd-${serial.toString(16).padStart(12, '0')}`,
        avatar_url: `${avatar}~c5_168x168.webp?x-expires=1767225600&x-signature=abcdefgh`,
        avatar_url_100: `${avatar}~c5_100x100.webp?x-expires=1767225600&x-signature=abcdefgh`,
        avatar_large_url: `${avatar}~c5_1080x1080.webp?x-expires=1767225600&x-signature=abcdefgh`,
        display_name: `User ${serial}`,
      },
    },
    error: { code: 'ok', message: '', log_id: '20261122045112AF02F1A4B2C3D4E5F6A7' },
  }
}

/** @param {number} serial */
function openId(serial) {
  return `723f24d7-e717-40f8-a2b6-${serial.toString(16).padStart(12, '0')}`
}

/** @param {import('node:http').ServerResponse} response @param {unknown} value */
function send(response, value) {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.byteLength,
    'cache-control': 'no-store',
    'x-tt-logid': '20261122045112AF02F1A4B2C3D4E5F6A7',
  })
  response.end(body)
}

const listening = listen(server)
answerParent({ listening: () => listening, counts: () => counts })
