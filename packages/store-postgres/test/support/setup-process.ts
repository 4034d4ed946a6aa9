import pg from 'pg'
import { postgresTokenStore } from '../../src/index.ts'

// One of several processes that start at the same moment: sets up when its parent says so.
const [url, schema] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url })
await pool.query('SELECT 1')
process.once('message', () => {
  void postgresTokenStore(pool, schema === undefined ? {} : { schema })
    .setup()
    .then(() => pool.end())
    .then(() => process.disconnect())
})
process.send?.('ready')
