import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** What the READMEs and `docs/` show has to compile: every block of TypeScript, as a module of the package it is about. */
const root = dirname(dirname(fileURLToPath(import.meta.url)))

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
  expect(compile(folder, name, blocks)).toBe('')
})

test('a block that does not compile is told', () => {
  const folder = join(root, 'packages', 'core')
  const blocks = blocksOf('text\n```ts\nconst wrong: string = 1\n```\n```sh\nnot ts\n```\n')
  expect(compile(folder, 'self-check', blocks)).toMatch(/block-1\.ts\(2,7\): error TS2322/)
})

/** The TypeScript of a README, each block with the line it starts at. */
function blocksOf(markdown: string): readonly { readonly line: number; readonly code: string }[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
  }))
}

/** Compiles inside the package, so that imports find what the package finds. Gives the compiler's complaints. */
function compile(folder: string, name: string, blocks: ReturnType<typeof blocksOf>): string {
  const work = join(folder, '.readme', name)
  mkdirSync(work, { recursive: true })
  try {
    for (const [index, { line, code }] of blocks.entries()) {
      writeFileSync(join(work, `block-${index + 1}.ts`), `// line ${line}\n${code}\nexport {}\n`)
    }
    const declarations = readdirSync(join(root, 'test/readme')).filter((file) => file.startsWith(`${name}.`))
    for (const file of declarations) cpSync(join(root, 'test/readme', file), join(work, file))
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        isolatedDeclarations: false,
        declaration: false,
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      include: ['.'],
    }
    writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config))
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', work], { cwd: work })
    return ''
  } catch (error) {
    return String((error as { stdout?: Buffer }).stdout ?? error)
  } finally {
    rmSync(join(folder, '.readme'), { recursive: true, force: true })
  }
}
