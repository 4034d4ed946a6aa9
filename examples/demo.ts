// `npm run demo`, or `npm run demo -- <framework>`: an example app and its own TikTok, on this machine.
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { frameworks, startDemo } from './start-demo.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '3000' }, folder: { type: 'string' } },
})
const framework = positionals[0] ?? 'express'
if (!frameworks.includes(framework)) {
  console.error(`There is no example for "${framework}". There are: ${frameworks.join(', ')}.`)
  process.exit(1)
}
const folder = values.folder ?? join(import.meta.dirname, '.data', framework)
const demo = await startDemo({ framework, appPort: Number(values.port), emulatorPort: 4000, folder })

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text)
const afterwards = demo.lasts
  ? `Ctrl+C ends it; the next start goes on from there, everybody connected.
  To begin anew, remove ${relative(process.cwd(), folder) || folder}`
  : `Ctrl+C ends it, and everything is forgotten: port ${values.port} is another demo's, which keeps its own.`
console.log(`
  ${bold('Log in with TikTok')}, on ${framework}, with a TikTok of its own. Nothing leaves this machine.

    The app         ${bold(demo.appOrigin)}
    The dashboard   ${bold(demo.dashboardUrl)}

  Try this
    1  Open the app and press "Continue with TikTok". Untick a permission, if you like.
    2  Keep the dashboard in a second window: every request of your login stands in its journal.
    3  Let two hours pass there. The token runs out; list your videos, and it is back.
    4  Let TikTok lose a reply, or remove the app from the account, and see what the app makes of it.
    5  End this with Ctrl+C, start it again, and list your videos: the grant was in a file.

  ${afterwards}
`)

// The terminal and whoever started this may both send one: the second must not cut short what the first began.
let closing: Promise<void> | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    closing ??= demo.close().then(() => process.exit(0))
  })
}
