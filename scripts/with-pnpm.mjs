// Runs one of the project's scripts with the pnpm it is made for, so that a fresh clone needs Node and npm alone.
//   node scripts/with-pnpm.mjs <script> [argument …]
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const [script, ...extra] = process.argv.slice(2)

// The arguments pass through a shell, which must find nothing of its own in them.
const strange = extra.find((argument) => !/^[\w.,:=/@-]+$/.test(argument))
if (script === undefined || strange !== undefined) {
  console.error(
    strange === undefined
      ? 'Name the script to run.'
      : `The argument ${JSON.stringify(strange)} cannot be passed on.`,
  )
  process.exit(1)
}

const install = 'pnpm install --frozen-lockfile --prefer-offline --loglevel=error'
const run = ['pnpm', '--silent', 'run', script, ...extra].join(' ')
const command = `${install} && ${run}`
const windows = process.platform === 'win32'
// A group of its own, so that a signal to this process ends everything under it and leaves no port taken.
const child = spawn(
  'npx',
  ['--yes', '--loglevel=error', '-p', packageManager, '-c', windows ? `"${command}"` : command],
  {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
    detached: !windows,
  },
)
function end(signal) {
  if (windows || child.pid === undefined) child.kill(signal)
  else process.kill(-child.pid, signal)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal))

// npm hands a signal to its shell only, and most shells die of it without telling what they run: then this process has
// another parent. Outside npm a parent that is gone means nothing.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    end('SIGTERM')
  }, 250)
  watch.unref()
}
child.on('error', (error) => {
  throw error
})
child.on('exit', (status) => process.exit(status ?? 1))
