/**
 * `npm run fuzz [-- <cases> [<seed>]]`: runs the fuzz tests with more cases than `npm test` does. Default: 100,000 cases, and
 * today's date as the seed. A failure prints the seed that repeats it.
 */
import { spawnSync } from 'node:child_process'

const [cases = '100000', seed = new Date().toISOString().slice(0, 10).replaceAll('-', '')] = process.argv.slice(2)
if (!/^\d+$/.test(cases) || !/^\d+$/.test(seed)) {
  process.stderr.write('Usage: npm run fuzz -- <cases> <seed>. Both are whole numbers.\n')
  process.exit(2)
}
process.stdout.write(`${cases} cases with seed ${seed}\n`)
const { status } = spawnSync('vitest', ['run', 'test/http/graphql/fuzz.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, LATCHKEY_FUZZ_CASES: cases, LATCHKEY_FUZZ_SEED: seed },
})
process.exit(status ?? 1)
