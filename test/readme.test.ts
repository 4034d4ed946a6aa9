import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { compile, root, type Block } from './compile.ts'

/** What the READMEs and `docs/` show has to compile: every block of TypeScript, as a module of the package it is about. */
const readmes = [
  ...readdirSync(join(root, 'packages')).map((name) => {
    const folder = join(root, 'packages', name)
    // The kit's README shows how to run its cases with an adapter, which the kit itself knows nothing of.
    return {
      name,
      file: join(folder, 'README.md'),
      folder: name === 'conformance' ? join(root, 'packages/express') : folder,
    }
  }),
  // The project's own README speaks of an Express app.
  { name: 'root', file: join(root, 'README.md'), folder: join(root, 'packages/express') },
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((file) => ({
      name: `docs-${basename(file, '.md')}`,
      file: join(root, 'docs', file),
      folder: join(root, 'docs'),
    })),
]
  .filter(({ file }) => existsSync(file))
  .map((readme) => ({ ...readme, blocks: blocksOf(readFileSync(readme.file, 'utf8')) }))
  .filter(({ blocks }) => blocks.length > 0)

test.each(readmes)('$name shows code that compiles', ({ folder, name, blocks }) => {
  expect(compile({ folder, name, blocks })).toBe('')
})

test('a block that does not compile is told', () => {
  const folder = join(root, 'packages', 'core')
  const blocks = blocksOf('text\n```ts\nconst wrong: string = 1\n```\n```sh\nnot ts\n```\n')
  expect(compile({ folder, name: 'self-check', blocks })).toMatch(/block-1\.ts\(2,7\): error TS2322/)
})

/** The TypeScript of a README, each block with the line it starts at. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
  }))
}
