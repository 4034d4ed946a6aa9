import { check } from '../check.ts'
import {
  askedOf,
  bodyOf,
  canariesOf,
  codesOf,
  refuseCanaries,
  sealedOf,
  shownBy,
  type Canary,
} from './canaries.ts'
import { fingerprintOf } from './fingerprint.ts'
import { tapOutput, type OutputTap } from './output.ts'
import type { Rig } from './rig.ts'
import { setStage, type Stage } from './stage.ts'
import type { Changes } from './standard-setup.ts'
import type { AdapterCase, AdapterFeature } from './served-app.ts'

/** What a case says about itself. */
export interface CaseHead {
  readonly name: string
  readonly rule: string
  readonly needs?: readonly AdapterFeature[]
  readonly site?: Changes
}

/**
 * Makes a case: serves the site, plays, and then looks for every secret in everything that was said and shown.
 * The site must still be answering at the end.
 */
export function defineCase(head: CaseHead, play: (rig: Rig) => Promise<void>): AdapterCase {
  const { name, rule, needs = [], site = {} } = head
  return {
    name,
    rule,
    needs,
    async run(create) {
      const output = tapOutput()
      try {
        const stage = await setStage(create, site)
        try {
          await play(stage.rig)
          return await concludes(stage, output)
        } finally {
          await stage.close()
        }
      } finally {
        output.stop()
      }
    },
  }
}

async function concludes(stage: Stage, output: OutputTap): ReturnType<AdapterCase['run']> {
  const { rig, rigs, served, exchanges } = stage
  check(
    exchanges.every(({ answer }) => answer.status > 0),
    'A request was never answered.',
  )
  const records = await Promise.all(rigs.map((each) => each.record()))
  const printed = [...output.lines(), ...served.flatMap((app) => app.printed?.() ?? [])]
  const secrets = canariesOf(rig.emulator, [...rigs.flatMap(ownCanaries), ...codesOf(exchanges)])
  const elsewhere = [
    ...askedOf(rig.emulator),
    ...records.flatMap(({ said }) => said.map((text) => ({ where: 'an error or event', text }))),
    ...printed.map((text) => ({ where: 'what was printed', text })),
  ]
  refuseCanaries(secrets, [...exchanges.map(shownBy), ...elsewhere])
  refuseCanaries(sealedOf(exchanges), [...exchanges.map(bodyOf), ...elsewhere])
  return fingerprintOf(
    exchanges,
    records.flatMap(({ errors }) => errors),
  )
}

function ownCanaries({ setup }: Rig): readonly Canary[] {
  return setup.apps.flatMap(({ options: { clientSecret, secret } }) => [
    { what: 'client secret', value: clientSecret },
    ...[secret].flat().map((value) => ({ what: 'sealing secret', value })),
  ])
}
