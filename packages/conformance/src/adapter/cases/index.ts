import type { AdapterCase } from '../served-app.ts'
import { loginCases } from './login.ts'
import { transactionCases } from './transaction.ts'

/** Every rule that an adapter has to keep, over HTTP against the emulator. */
export const authAdapterCases: readonly AdapterCase[] = [...loginCases, ...transactionCases]
