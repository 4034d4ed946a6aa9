// `npm run demo`, or `npm run demo -- <framework>`: an example app and its own TikTok, on this machine.
import { frameworks, startDemo } from './start-demo.ts'

const framework = process.argv[2] ?? 'express'
if (!frameworks.includes(framework)) {
  console.error(`There is no example for "${framework}". There are: ${frameworks.join(', ')}.`)
  process.exit(1)
}
const demo = await startDemo({ framework, appPort: 3000, emulatorPort: 4000 })

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text)
console.log(`
  ${bold('Log in with TikTok')}, on ${framework}, with a TikTok of its own. Nothing leaves this machine.

    The app         ${bold(demo.appOrigin)}
    The dashboard   ${bold(demo.dashboardUrl)}

  Try this
    1  Open the app and press "Continue with TikTok". Untick a permission, if you like.
    2  Keep the dashboard in a second window: every request of your login stands in its journal.
    3  Let two hours pass there. The token runs out; list your videos, and it is back.
    4  Let TikTok lose a reply, or remove the app from the account, and see what the app makes of it.

  Ctrl+C ends it.
`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void demo.close().then(() => process.exit(0))
  })
}
