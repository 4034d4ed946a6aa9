import { createEmulator } from '@tiktok-auth/emulator'
import type { Exchange } from './browser.ts'
import { createRig, type Rig } from './rig.ts'
import type { ServeApp, ServedApp } from './served-app.ts'
import type { SiteSetup } from './setup.ts'
import { publicOriginOf, registrationsOf, standardSetup, type Changes } from './standard-setup.ts'

/** Everything one case uses and sees. */
export interface Stage {
  readonly rig: Rig
  readonly exchanges: readonly Exchange[]
  readonly served: readonly ServedApp[]
  readonly rigs: readonly Rig[]
  close(): Promise<void>
}

/** Starts TikTok and serves the site of a case. */
export async function setStage(create: ServeApp, changes: Changes): Promise<Stage> {
  const registrations = registrationsOf(changes)
  const emulator = createEmulator({ clients: registrations })
  const listening = await emulator.listen()
  const standard = standardSetup(registrations, listening.endpoints, changes)
  const proxy = { publicOrigin: publicOriginOf(changes), cutPrefix: changes.proxyPrefix ?? '' }
  const exchanges: Exchange[] = []
  const served: ServedApp[] = []
  const rigs: Rig[] = []

  async function serve(setup: SiteSetup): Promise<Rig> {
    const app = await create(setup)
    served.push(app)
    const rig = createRig({ emulator, setup, app, proxy, exchanges, serve })
    rigs.push(rig)
    return rig
  }

  const close = async (): Promise<void> => {
    emulator.faults.clear()
    await Promise.all(served.map((app) => app.close()))
    await listening.close()
  }
  try {
    return { rig: await serve(standard), exchanges, served, rigs, close }
  } catch (error) {
    await close()
    throw error
  }
}
