// Outlives the test process: when that ends, however it ends, kills the servers it named and removes their folders.
// Each line of standard input is JSON: { pid } and { folder } are to be cleaned up, { gone } no longer is.
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { killTree } from './process-tree.mjs'

const pids = new Set()
const folders = new Set()

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { pid, folder, gone } = JSON.parse(line)
    if (pid !== undefined) pids.add(pid)
    if (folder !== undefined) folders.add(folder)
    pids.delete(gone)
  })
  .on('close', () => {
    for (const pid of pids) killTree(pid, 'SIGKILL')
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

// Ctrl-C in a terminal goes to the whole group; this one still has to clean up.
process.on('SIGINT', () => {})
