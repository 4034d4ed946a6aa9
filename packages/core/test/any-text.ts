import fc from 'fast-check'

/** Any text at all: control characters, lone surrogates and what attackers write more often than others. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(...'/ \\ : ; = @ ? # % . , " \t \r \n \0 a Z 0 _ -'.split(' '), ' '),
  ),
})
