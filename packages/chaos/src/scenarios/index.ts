import type { Scenario } from '../stage.ts'
import { delays } from './delays.ts'
import { kills } from './kills.ts'
import { people } from './people.ts'
import { replies } from './replies.ts'
import { stores } from './stores.ts'

/** Everything that is made to go wrong. */
export const scenarios: readonly Scenario[] = [...kills, ...delays, ...replies, ...stores, ...people]
