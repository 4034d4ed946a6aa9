import { expect, test } from 'vitest'
import { checkHooks } from '../../src/auth/check-hooks.ts'

test.each([undefined, null, 'options', []])('options have to be an object, not %j', (options) => {
  expect(() => checkHooks(options as object)).toThrow(
    expect.objectContaining({ code: 'configuration', option: 'options' }),
  )
})

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
