import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openSqlite, sqliteTokenStore } from '../../src/index.ts'

// Makes a file under a umask and prints the rights of everything in the directory.
const [directory = '', mask = ''] = process.argv.slice(2)
process.umask(Number.parseInt(mask, 8))
const store = sqliteTokenStore(await openSqlite(join(directory, 'grants.sqlite')))
await store.setup()
const modes = readdirSync(directory)
  .toSorted()
  .map((name) => [name, (statSync(join(directory, name)).mode & 0o777).toString(8)])
process.stdout.write(JSON.stringify(Object.fromEntries(modes)))
await store.close()
