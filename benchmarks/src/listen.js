/**
 * Listens on a free loopback port.
 *
 * @param {import('node:http').Server} server
 * @returns {Promise<import('./child.js').Listening>}
 */
export async function listen(server) {
  // Idle between the rounds, connections must still be there in the next one.
  server.keepAliveTimeout = 10 * 60_000
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('the server has no port')
  return { port: address.port }
}
