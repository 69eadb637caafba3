import { type Ended, run } from '../support/npm-package.ts'
import { repositoryRoot, SHORT_LIVED } from '../support/program.ts'

/** Runs a command of `src/main.ts` until it ends. */
export function latchkey(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return run(process.execPath, [...SHORT_LIVED, 'src/main.ts', ...args], { cwd: repositoryRoot, env })
}
