import { describe, expect, test } from 'vitest'
import { parsedBody, readBody } from '../../src/auth/read-body.ts'

async function* chunks(...sizes: readonly number[]): AsyncIterable<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size).fill(65)
}

describe('readBody', () => {
  test('joins what comes in pieces', async () => {
    expect(new TextDecoder().decode(await readBody(chunks(1, 0, 2)))).toBe('AAA')
    expect(await readBody(chunks())).toEqual(new Uint8Array())
  })

  test('takes a megabyte, and not a byte more', async () => {
    expect((await readBody(chunks(1024 * 1024))).byteLength).toBe(1024 * 1024)
    await expect(readBody(chunks(1024 * 1024, 1))).rejects.toMatchObject({ code: 'transaction', status: 413 })
  })
})

describe('parsedBody', () => {
  const form = 'application/x-www-form-urlencoded; charset=utf-8'
  const text = (parsed: unknown, type?: string): string => new TextDecoder().decode(parsedBody(parsed, type))

  test('gives back what was not taken apart', () => {
    expect(text(new TextEncoder().encode('{"a": 1}'), 'application/json')).toBe('{"a": 1}')
    expect(text('a=1&b', 'text/plain')).toBe('a=1&b')
  })

  test('puts a form together again, without what no form has', () => {
    expect(text({ a: 'b c', d: ['1', '&'], e: { f: '1' }, g: undefined }, form)).toBe('a=b+c&d=1&d=%26')
    expect(text(undefined, form)).toBe('')
    expect(text(Object.assign(Object.create(null), { __proto__x: '1' }), form.toUpperCase())).toBe(
      '__proto__x=1',
    )
  })

  test.each([['application/json'], ['application/x-www-form-urlencodedx'], [undefined]])(
    'says what to change when it cannot: %s',
    (type) => {
      expect(() => text({ a: 1 }, type)).toThrow(expect.objectContaining({ code: 'configuration' }))
    },
  )
})
