import type { TokenStoreCase } from '../subject.ts'
import { ageCases } from './age.ts'
import { contentionCases } from './contention.ts'
import { dueCases } from './due.ts'
import { duePrefixCases, scanPrefixCases } from './prefixes.ts'
import { expiryCases } from './expiry.ts'
import { faultCases } from './faults.ts'
import { keyCases } from './keys.ts'
import { scanCases } from './scan.ts'
import { scanRefusalCases } from './scan-refusals.ts'
import { valueCases } from './values.ts'
import { writeCases } from './writes.ts'

/**
 * The contract of a token store as cases: run every one whose needs the store meets, in any test runner.
 *
 * @example
 * for (const { name, run } of tokenStoreCases) test(name, () => run(createSubject))
 */
export const tokenStoreCases: readonly TokenStoreCase[] = [
  ...writeCases,
  ...contentionCases,
  ...expiryCases,
  ...valueCases,
  ...keyCases,
  ...dueCases,
  ...duePrefixCases,
  ...scanCases,
  ...scanPrefixCases,
  ...scanRefusalCases,
  ...ageCases,
  ...faultCases,
]
