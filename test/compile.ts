import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** Code out of a document, and the line it starts at. */
export interface Block {
  readonly line: number
  readonly code: string
}

/** What to compile, and where. */
export interface Compilation {
  readonly folder: string
  readonly name: string
  readonly blocks: readonly Block[]
  /** The files of `readme` that say what the blocks take for granted, by the first part of their names. Default: `name`. */
  readonly given?: readonly string[]
}

/**
 * Compiles each block as a module of its own, beside what it takes for granted. Inside the package, so that imports find what the package finds. Gives the compiler's complaints.
 */
export function compile({ folder, name, blocks, given = [name] }: Compilation): string {
  // A folder of its own: several may be at work in one package.
  const work = join(folder, '.readme', name)
  mkdirSync(work, { recursive: true })
  try {
    for (const [index, { line, code }] of blocks.entries()) {
      writeFileSync(join(work, `block-${index + 1}.ts`), `// line ${line}\n${code}\nexport {}\n`)
    }
    const declarations = readdirSync(join(root, 'test/readme')).filter((file) =>
      given.includes(file.split('.', 1)[0] ?? ''),
    )
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
    rmSync(work, { recursive: true, force: true })
  }
}
