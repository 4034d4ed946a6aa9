import { expect, test } from 'vitest'
import { checkHooks } from '../../src/auth/check-hooks.ts'

test.each(['onStart', 'onLogin', 'onError'])('%s has to be a function, or absent', (name) => {
  for (const wrong of [null, 'yes', {}, true]) {
    expect(() => checkHooks({ [name]: wrong })).toThrow(
      expect.objectContaining({ code: 'configuration', option: name }),
    )
  }
  for (const right of [undefined, () => undefined]) {
    expect(() => checkHooks({ [name]: right })).not.toThrow()
  }
})
