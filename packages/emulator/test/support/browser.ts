import { accessSync, constants } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Finds this machine's Chromium. Without one the tests that need it are skipped, with one line that says so; with
 * `CI` set they have to run.
 */
export function findChromium(): string | undefined {
  const path = [process.env['CHROMIUM_PATH'] ?? '', ...places].find(isExecutable)
  if (path === undefined && process.env['CI'] === 'true')
    throw new Error('CI=true, and no Chromium is installed')
  if (path === undefined) console.log('Skipped: the emulator in a browser (no Chromium; set CHROMIUM_PATH)')
  return path
}

/** Starts a browser that asks nobody but the pages under test. */
export function openBrowser(executablePath: string): Promise<Browser> {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync']
  const args = ['--no-sandbox', '--disable-gpu', '--disable-component-update', ...quiet]
  return chromium.launch({ executablePath, args })
}
