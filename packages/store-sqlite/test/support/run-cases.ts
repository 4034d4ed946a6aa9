import { tokenStoreCases } from '@tiktok-auth/conformance'
import { createSubject, type Driver } from './drivers.ts'

// Runs every case over one driver, in whichever runtime this was started, and prints one line of JSON for each.
const [driver, kind] = process.argv.slice(2)
for (const { name, run } of tokenStoreCases) {
  try {
    await run(() => createSubject(driver as Driver, kind === 'sealed'))
    process.stdout.write(`${JSON.stringify({ name })}\n`)
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ name, error: String(error) })}\n`)
  }
}
