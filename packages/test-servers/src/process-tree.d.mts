/** Lists a process and all that descend from it, parents first. */
export function processTree(root: number): number[]
/** Sends a signal to a process and all that descend from it. */
export function killTree(root: number, signal: NodeJS.Signals): void
