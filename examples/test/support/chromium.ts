import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Where this machine's Chromium is: no test downloads one. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM_PATH'] ?? usualPlaces.find((path) => existsSync(path))

if (chromiumPath === undefined) {
  if (process.env['CI'] === 'true') throw new Error('No Chromium, and with CI=true no test is skipped.')
  console.log('Skipped: the browser tests of the demo. No Chromium here; CHROMIUM_PATH may name one.')
}

/** Starts it with nothing in it that talks to anybody. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
