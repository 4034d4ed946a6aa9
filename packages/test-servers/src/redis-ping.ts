import { connect } from 'node:net'

/** Sends one command to a Redis server on the loopback interface, and gives the raw reply. */
export function askRedis(port: number, command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setEncoding('utf8').setTimeout(5000, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once('data', (reply: string) => {
      socket.destroy()
      if (reply.startsWith('-')) reject(new Error(reply.trim()))
      else resolve(reply)
    })
    socket.write(`*${command.length}\r\n${command.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`)
  })
}
