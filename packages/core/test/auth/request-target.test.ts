import { expect, test } from 'vitest'
import { originForm } from '../../src/auth/request-target.ts'

test.each([
  ['/me?a=1', '/me?a=1'],
  ['http://evil.example/me?a=http://x/', '/me?a=http://x/'],
  ['HTTPS://user@evil.example:8080//me', '//me'],
  ['http://evil.example', '/'],
  ['http://evil.example?a=1', '/?a=1'],
  ['//evil.example/me', '//evil.example/me'],
  ['/http://evil.example/me', '/http://evil.example/me'],
  ['*', '*'],
])('of the request target %s is %s', (target, path) => {
  expect(originForm(target)).toBe(path)
})
