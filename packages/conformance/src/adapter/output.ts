import { inspect } from 'node:util'

/** Listens to what this process prints. */
export interface OutputTap {
  lines(): readonly string[]
  stop(): void
}

const listeners = new Set<(line: string) => void>()
const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
let restore: (() => void) | undefined

/** Notes what is printed from now on, by `console` or straight to a stream. Nothing is held back. */
export function tapOutput(): OutputTap {
  const lines: string[] = []
  const listener = (line: string): void => void lines.push(line)
  listeners.add(listener)
  restore ??= install()
  return {
    lines: () => lines,
    stop() {
      listeners.delete(listener)
      if (listeners.size > 0) return
      restore?.()
      restore = undefined
    },
  }
}

function tell(parts: readonly unknown[]): void {
  const line = parts
    .map((part) => (typeof part === 'string' ? part : inspect(part, { depth: null })))
    .join(' ')
  for (const listener of listeners) listener(line)
}

function install(): () => void {
  const undo = [...methods.map(tapConsole), tapStream(process.stdout), tapStream(process.stderr)]
  return () => undo.forEach((each) => each())
}

function tapConsole(method: (typeof methods)[number]): () => void {
  const original = console[method]
  console[method] = (...parts: unknown[]) => {
    tell(parts)
    original.apply(console, parts)
  }
  return () => void (console[method] = original)
}

function tapStream(stream: NodeJS.WriteStream): () => void {
  const before = Object.getOwnPropertyDescriptor(stream, 'write')
  const original = stream.write.bind(stream)
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    tell([typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()])
    return Reflect.apply(original, stream, [chunk, ...rest]) as boolean
  }) as typeof original
  return () => {
    if (before === undefined) Reflect.deleteProperty(stream, 'write')
    else Object.defineProperty(stream, 'write', before)
  }
}
