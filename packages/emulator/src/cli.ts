#!/usr/bin/env node
import { parseCommand } from './command.ts'
import { runCommand } from './run-command.ts'

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommand(args)
  if (command.kind === 'help') {
    process.stdout.write(command.text)
    return
  }
  if (command.kind === 'mistake') {
    process.stderr.write(command.text)
    process.exitCode = 2
    return
  }
  const { text, close } = await runCommand(command.settings)
  if (close === undefined) {
    process.stderr.write(text)
    process.exitCode = 1
    return
  }
  // Without a handler a signal ends the process in the middle of replies, and with an error code.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close())
  process.stdout.write(text)
}

void main(process.argv.slice(2))
