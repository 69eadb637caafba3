/**
 * `npm run fuzz [-- <cases> [<seed>]]`: the fuzz tests with more cases than every run of the tests has, and other ones: 100,000
 * by default, with a seed of today. A failure prints the seed to run it again with.
 */
import { spawnSync } from 'node:child_process'

const [cases = '100000', seed = new Date().toISOString().slice(0, 10).replaceAll('-', '')] = process.argv.slice(2)
if (!/^\d+$/.test(cases) || !/^\d+$/.test(seed)) {
  process.stderr.write('Usage: npm run fuzz -- <cases> <seed>, both whole numbers.\n')
  process.exit(2)
}
process.stdout.write(`${cases} cases with seed ${seed}\n`)
const { status } = spawnSync('vitest', ['run', 'test/http/graphql/fuzz.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, LATCHKEY_FUZZ_CASES: cases, LATCHKEY_FUZZ_SEED: seed },
})
process.exit(status ?? 1)
