import { openSqlite, sqliteTokenStore } from '../../src/index.ts'

// Opens and sets up at a given instant, together with others, and writes one row.
const [file = '', at = '', key = ''] = process.argv.slice(2)
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(at) - Date.now())))
const store = sqliteTokenStore(await openSqlite(file))
await store.setup()
const never = Number.MAX_SAFE_INTEGER
const inserted = await store.insert(key, { revision: 'first', value: key, expiresAt: never, dueAt: never })
await store.setup()
await store.close()
process.stdout.write(`${inserted}\n`)
