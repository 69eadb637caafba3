/** `npm run check`: runs the type check, the linter and the checks of generated files side by side. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

const CHECKS = [
  ['tsc', '--noEmit'],
  ['biome', 'check', '.'],
  ['node', 'scripts/generate-catalog-index.ts', '--check'],
  ['node', 'scripts/generate-provider-docs.ts', '--check'],
  ['node', 'scripts/generate-api-docs.ts', '--check'],
  ['node', 'scripts/generate-definition-reference.ts', '--check'],
  ['node', 'codegen.ts', '--check'],
  ['node', 'scripts/check-model.ts'],
  ['node', 'scripts/licences.ts', '--check'],
]

/** Prints the output of a check when it has ended, so that outputs do not mix. @returns whether it passed */
async function run([command = '', ...args]: string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  const [code, stdout, stderr] = await Promise.all([ended.promise, text(child.stdout), text(child.stderr)])
  process.stdout.write(`${[command, ...args].join(' ')}: ${code === 0 ? 'passed' : 'FAILED'}\n${stdout}`)
  process.stderr.write(stderr)
  return code === 0
}

const passed = await Promise.all(CHECKS.map(run))
process.exitCode = passed.every(Boolean) ? 0 : 1
