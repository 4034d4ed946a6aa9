import type { Site } from '@tiktok-auth/conformance'

/** What the app is started with. */
export class Settings {
  constructor(readonly site: Site) {}
}
