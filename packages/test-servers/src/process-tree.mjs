// Plain JavaScript, because the guardian runs it without a loader.
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Lists a process and all that descend from it, parents first. PostgreSQL's back ends lead sessions of their own, so a
 * process group does not reach them.
 *
 * @param {number} root
 * @returns {number[]}
 */
export function processTree(root) {
  const parents = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(name)
    if (parent !== undefined) parents.set(Number(name), parent)
  }
  const tree = [root]
  for (const pid of tree) {
    for (const [child, parent] of parents) if (parent === pid) tree.push(child)
  }
  return tree
}

/**
 * Sends a signal to a process and all that descend from it.
 *
 * @param {number} root
 * @param {NodeJS.Signals} signal
 */
export function killTree(root, signal) {
  for (const pid of processTree(root)) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      // It ended by itself in between.
      if (error.code !== 'ESRCH') throw error
    }
  }
}

/** @param {string} pid */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything; state and parent follow the last one.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
