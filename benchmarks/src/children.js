import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Child
 * @property {(ask: string, argument?: unknown) => Promise<any>} ask asks the process one of the questions it answers
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a file of this folder in a process of its own, so that its CPU time is nobody else's.
 *
 * @param {string} file
 * @param {{ env?: Record<string, string>, execArgv?: readonly string[] }} [options]
 * @returns {Child}
 */
export function startChild(file, { env = {}, execArgv = [] } = {}) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: [...execArgv],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  })
  /** @type {Map<number, { resolve: (answer: unknown) => void, reject: (error: Error) => void }>} */
  const open = new Map()
  let lastId = 0
  child.on('message', (/** @type {{ id: number, answer?: unknown, failure?: string }} */ message) => {
    const waiting = open.get(message.id)
    open.delete(message.id)
    if (message.failure) waiting?.reject(new Error(`${file}: ${message.failure}`))
    else waiting?.resolve(message.answer)
  })
  const ended = new Promise((resolve) => child.once('exit', resolve)).then((status) => {
    for (const { reject } of open.values()) reject(new Error(`${file} ended with status ${status}`))
    open.clear()
  })
  return {
    ask: (ask, argument) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(new Error(`${file} is not running`))
        const id = ++lastId
        open.set(id, { resolve, reject })
        child.send({ id, ask, argument })
      }),
    stop: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
