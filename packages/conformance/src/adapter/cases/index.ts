import type { AdapterCase } from '../served-app.ts'
import { appSessionCases } from './app-session.ts'
import { callbackInputCases } from './callback-input.ts'
import { cookieCases } from './cookies.ts'
import { endRouteCases } from './end-routes.ts'
import { errorCases } from './errors.ts'
import { hookCases } from './hooks.ts'
import { loginCases } from './login.ts'
import { mountingCases } from './mounting.ts'
import { requireLoginCases } from './require-login.ts'
import { returnToCases } from './return-to.ts'
import { sessionCases } from './session.ts'
import { tokenFaultCases } from './token-faults.ts'
import { transactionCases } from './transaction.ts'
import { userCases } from './users.ts'

/** Every rule that an adapter has to keep, over HTTP against the emulator. */
export const authAdapterCases: readonly AdapterCase[] = [
  ...loginCases,
  ...transactionCases,
  ...callbackInputCases,
  ...returnToCases,
  ...cookieCases,
  ...sessionCases,
  ...userCases,
  ...appSessionCases,
  ...requireLoginCases,
  ...endRouteCases,
  ...hookCases,
  ...tokenFaultCases,
  ...errorCases,
  ...mountingCases,
]
