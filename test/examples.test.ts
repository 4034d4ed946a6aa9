import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compile, root, type Block } from './compile.ts'

/** What `@example` shows in the sources of a published package has to compile, with the package's exports at hand. */
const folders = readdirSync(join(root, 'packages'))
  .map((name) => ({ name, folder: join(root, 'packages', name) }))
  .filter(({ folder }) => !/"private": true/.test(readFileSync(join(folder, 'package.json'), 'utf8')))

/** Functions and classes that make something; `Strategy` is another name of one. */
const factory = /^create(?!CodeVerifier)|TokenStore$|Transport$|^tiktokAuth$|^TikTokStrategy$/

describe.each(folders)('the examples of $name', ({ name, folder }) => {
  test('compile', async () => {
    const exported = await exportsOf(folder)
    const blocks = examplesOf(folder)
      .filter((example) => exported.has(example.of))
      .map(({ line, code }) => ({ line, code: `${importOf(name, exported, code)}\n${code}` }))
    expect(blocks.length).toBeGreaterThan(0)
    const given = ['examples', `examples-${name}`]
    expect(compile({ folder, name: `examples-${name}`, blocks, given })).toBe('')
  })

  test('show the use of every factory', async () => {
    const shown = new Set(examplesOf(folder).map((example) => example.of))
    const silent = [...(await exportsOf(folder))].filter((each) => factory.test(each) && !shown.has(each))
    expect(silent).toEqual([])
  })
})

interface Example extends Block {
  /** What it is an example of. */
  readonly of: string
}

const commented = /\/\*\*\n((?: \*(?!\/)[^\n]*\n)*) \*\/\nexport (?:async )?(?:function|class|const) (\w+)/g

/** The examples in the sources of a package, without the comments' stars. */
function examplesOf(folder: string): readonly Example[] {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, 'src', file), 'utf8'))
  return sources.flatMap((text) =>
    [...text.matchAll(commented)].flatMap(({ 1: comment = '', 2: of = '', index }) => {
      const [, example] = comment.replaceAll(/^ \* ?/gm, '').split('@example')
      const code = example?.replaceAll(/^```(?:ts)?$/gm, '').split(/^@\w+/m)[0]
      return code === undefined ? [] : [{ of, code, line: text.slice(0, index).split('\n').length }]
    }),
  )
}

async function exportsOf(folder: string): Promise<ReadonlySet<string>> {
  return new Set(Object.keys((await import(join(folder, 'src/index.ts'))) as object))
}

/** Imports whatever an example uses of its package. */
function importOf(name: string, exported: ReadonlySet<string>, code: string): string {
  const used = new Set(code.match(/\w+/g)?.filter((word) => exported.has(word)))
  return `import { ${[...used].join(', ')} } from '@tiktok-auth/${name}'`
}
