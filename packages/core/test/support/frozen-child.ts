// Exchanges one code in a process of its own, so that a test can freeze it. Arguments: origin, transport, deadline.
import * as undici from 'undici'
import { createTikTokClient, fetchTransport, undiciTransport } from '../../src/index.ts'

const [, , origin, kind, timeoutMs] = process.argv
const client = createTikTokClient(
  {
    clientKey: 'key123',
    clientSecret: 'secret123',
    redirectUri: 'https://app.example/cb',
    timeoutMs: Number(timeoutMs),
    endpoints: { tokenEndpoint: `${origin}/v2/oauth/token/` },
  },
  { transport: kind === 'undici' ? undiciTransport(undici) : fetchTransport() },
)
try {
  const { openId } = await client.exchangeCode({ code: 'code' })
  console.log(`finished ${openId}`)
} catch (error) {
  console.log(`failed ${String(error)}`)
}
process.exit(0)
