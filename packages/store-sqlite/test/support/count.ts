import { setTimeout as sleep } from 'node:timers/promises'
import { openSqlite, sqliteTokenStore } from '../../src/index.ts'

// Adds one to a counter as often as it is told, by read and conditional replace, and says how often it lost a race. Begins
// when all that count are there: `place` is its own number, `all` is how many there are.
const [file = '', key = '', times = '', place = '', all = ''] = process.argv.slice(2)
const store = sqliteTokenStore(await openSqlite(file))
const endless = Number.MAX_SAFE_INTEGER
const here = { revision: 'here', value: '', expiresAt: endless, dueAt: endless }
await store.insert(`place-${place}`, here)
for (let other = 0; other < Number(all); other++) {
  while ((await store.read(`place-${other}`)) === undefined) await sleep(10)
}
let lost = 0
for (let added = 0; added < Number(times);) {
  const row = await store.read(key)
  const entry = { revision: crypto.randomUUID(), expiresAt: endless, dueAt: endless }
  const did =
    row === undefined
      ? await store.insert(key, { ...entry, value: '1' })
      : await store.replace(key, row.revision, { ...entry, value: String(Number(row.value) + 1) })
  if (did) added++
  else lost++
}
await store.close()
process.stdout.write(`${lost}\n`)
