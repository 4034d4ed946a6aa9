import { writeSync } from 'node:fs'
import { openSqlite, sqliteTokenStore } from '../../src/index.ts'

// Writes rows without end and tells each one as soon as the store has acknowledged it. Waits to be killed.
const [file = '', name = ''] = process.argv.slice(2)
const store = sqliteTokenStore(await openSqlite(file))
const endless = Number.MAX_SAFE_INTEGER
for (let count = 0; ; count++) {
  const key = `${name}-${count % 50}`
  const revision = `${name}-${count}`
  const entry = { revision, value: revision, expiresAt: endless, dueAt: endless }
  const done =
    count < 50 ? await store.insert(key, entry) : await store.replace(key, `${name}-${count - 50}`, entry)
  if (!done) throw new Error('A write that nobody else does was lost.')
  writeSync(1, `${count}\n`)
}
