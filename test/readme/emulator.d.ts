// What the fragments of the package's README take for granted.
import type { Emulator } from '@tiktok-auth/emulator'

declare global {
  const emulator: Emulator
}
