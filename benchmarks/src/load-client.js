// The browsers: each login has its own cookie jar, goes to the login route, comes back to the callback with the
// state it was given and a code, and follows nothing more.
import { Pool } from 'undici'
import { answerParent } from './child.js'

/** @typedef {{ port: number, count: number, concurrency: number }} Load */

const headers = {
  host: 'app.example',
  accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
  'accept-encoding': 'gzip, deflate, br',
  'accept-language': 'en',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'none',
  'sec-fetch-user': '?1',
  'upgrade-insecure-requests': '1',
}

/** @param {Pool} server */
async function login(server) {
  const { state, cookie } = await start(server)
  const query = new URLSearchParams({
    code: `code*${state.slice(0, 24)}!1234.va`,
    scopes: 'user.info.basic',
    state,
  })
  const callback = await get(server, `/auth/tiktok/callback?${query}`, cookie)
  const failed = callback.status !== 302 && callback.status !== 303
  if (failed || new URL(callback.location, 'https://app.example').pathname !== '/')
    throw new Error(`the callback answered ${callback.status} ${callback.location}`)
}

/** @param {Pool} server */
async function start(server) {
  const { status, location, cookie } = await get(server, '/auth/tiktok')
  const state = status === 302 || status === 303 ? new URL(location).searchParams.get('state') : null
  if (!state) throw new Error(`the login route answered ${status} ${location}`)
  return { state, cookie }
}

/** @param {Pool} server @param {string} path @param {string} [cookie] */
async function get(server, path, cookie) {
  const reply = await server.request({
    method: 'GET',
    path,
    headers: cookie ? { ...headers, cookie } : headers,
  })
  await reply.body.dump()
  const { 'set-cookie': set = [], location } = reply.headers
  const jar = (typeof set === 'string' ? [set] : set).map((line) => line.slice(0, line.indexOf(';')))
  return { status: reply.statusCode, location: String(location), cookie: jar.join('; ') }
}

/** @type {Map<number, Pool>} */
const pools = new Map()

/** The connections to a server, kept over its rounds as a proxy in front of it would. @param {Load} load */
function poolOf({ port, concurrency }) {
  const origin = `http://127.0.0.1:${port}`
  const pool =
    pools.get(port) ?? new Pool(origin, { connections: concurrency, keepAliveTimeout: 10 * 60_000 })
  pools.set(port, pool)
  return pool
}

/** @param {Load} load @param {(server: Pool) => Promise<unknown>} act */
async function run(load, act) {
  const server = poolOf(load)
  const startedAt = performance.now()
  let left = load.count
  const worker = async () => {
    while (left-- > 0) await act(server)
  }
  await Promise.all(Array.from({ length: load.concurrency }, worker))
  return { elapsedMs: performance.now() - startedAt }
}

answerParent({
  logins: (/** @type {Load} */ load) => run(load, login),
  starts: (/** @type {Load} */ load) => run(load, start),
})
