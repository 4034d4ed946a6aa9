import { tokenStoreCases } from '@tiktok-auth/conformance'
import { describe, test } from 'vitest'
import { createSubject } from './support/drivers.ts'

describe.each(['plain', 'sealed'])('libsql, %s', (kind) => {
  for (const { name, run } of tokenStoreCases)
    test(name, () => run(() => createSubject('libsql', kind === 'sealed')))
})
