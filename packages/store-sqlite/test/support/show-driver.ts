import { register } from 'node:module'
import { openSqlite } from '../../src/index.ts'

// Opens a file where libsql is not installed, and prints which driver did it, or why none could.
const [file = '', without = 'libsql'] = process.argv.slice(2)
if (!('Bun' in globalThis)) {
  const hidden = without === 'no-sqlite' ? ['libsql', 'node:sqlite'] : ['libsql']
  const hooks = `export function resolve(specifier, context, next) {
    if (${JSON.stringify(hidden)}.includes(specifier)) throw new Error('not installed')
    return next(specifier, context)
  }`
  register(`data:text/javascript,${encodeURIComponent(hooks)}`)
}
try {
  const database = await openSqlite(file)
  process.stdout.write(`${database.constructor.name}\n`)
  database.close()
} catch (error) {
  process.stdout.write(`${String(error)}\n`)
}
