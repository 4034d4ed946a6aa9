import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigurationError } from '../../src/index.ts'
import { checkScope, parseScope } from '../../src/protocol/scope.ts'

test.each([
  ['user info'],
  ['a,b'],
  ['a&b'],
  ['a"b'],
  ['a\\b'],
  ['a\tb'],
  ['a\u0000'],
  [''],
  ['ä'],
  [5],
  [null],
])('the scope name %j is refused', (name) => {
  expect(() => checkScope(['user.info.basic', name])).toThrow(ConfigurationError)
})

test.each([['user.info.basic'], [undefined], [{ length: 1 }]])('scope %j is no array', (scope) => {
  expect(() => checkScope(scope, 'optionalScope')).toThrow(/`optionalScope` must be an array/)
})

test('duplicates are dropped, the order stays', () => {
  expect(checkScope(['b', 'a', 'b'])).toEqual(['b', 'a'])
  expect(checkScope([])).toEqual([])
})

test.each([
  ['a,b', ['a', 'b']],
  ['a b', ['a', 'b']],
  [' b , a,,b, ', ['b', 'a']],
  ['A,a', ['A', 'a']],
  ['', []],
  [' , ', []],
])('%j is read as %j', (text, scope) => {
  expect(parseScope(text)).toEqual(scope)
})

test('what may be asked for is read back as it was', () => {
  const name = fc.stringMatching(/^[a-z.]{1,20}$/)
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.constantFrom(',', ' ', ', '), (scope, separator) => {
      expect(parseScope(scope.join(separator))).toEqual(checkScope(scope))
    }),
  )
})
