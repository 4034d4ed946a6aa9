import { exit, stdin } from 'node:process'
import { createInterface } from 'node:readline'

/** Answers each line of JSON with another, in order; ends the process after the last. Runs on Bun and Deno. */
export async function answerLines<Question>(answer: (question: Question) => unknown): Promise<void> {
  for await (const line of createInterface({ input: stdin })) {
    console.log(JSON.stringify({ answer: (await answer(JSON.parse(line) as Question)) ?? null }))
  }
  // Nobody listens any more; servers that still do would keep the process.
  exit(0)
}
