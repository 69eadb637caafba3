/**
 * `npm run soak [-- <scenario>…]`: runs the black-box tests of renewals with real time limits, which takes about half an hour.
 * A scenario is a file of test/credentials/black-box. Default: all. The last line is the verdict; the exit code is 0 or 1.
 * LATCHKEY_SOAK_SECONDS: for how long processes are ended at random, in each of three tests (default 180).
 * LATCHKEY_SOAK_SEED: seed of the random choices, which each of these tests prints.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FOLDER = 'test/credentials/black-box'
const TEST_TIMEOUT_MS = 15 * 60_000

/** What the JSON reporter of vitest writes, as far as it is read here. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[]
}

const files = await readdir(join(import.meta.dirname, '..', FOLDER))
const scenarios = files.flatMap((file) => /^(.*)\.test\.ts$/.exec(file)?.[1] ?? [])
const chosen = process.argv.length > 2 ? process.argv.slice(2) : scenarios
const unknown = chosen.filter((name) => !scenarios.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. The scenarios are: ${scenarios.join(', ')}\n`)
  process.exit(2)
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-soak-'))
const path = join(folder, 'report.json')
const begunAt = performance.now()
try {
  spawnSync(
    'vitest',
    [
      'run',
      ...chosen.map((name) => `${FOLDER}/${name}.test.ts`),
      // Two scenarios at a time: most of them wait.
      '--maxWorkers=2',
      `--testTimeout=${TEST_TIMEOUT_MS}`,
      `--hookTimeout=${TEST_TIMEOUT_MS}`,
      '--reporter=verbose',
      '--reporter=json',
      `--outputFile.json=${path}`,
    ],
    // With CI, a component that is missing is an error, and no test is skipped.
    { stdio: 'inherit', env: { ...process.env, LATCHKEY_SOAK: 'real', CI: 'true' } },
  )
  const written = await readFile(path, 'utf8').catch(() => 'null')
  const report: Report | null = JSON.parse(written)
  const minutes = ((performance.now() - begunAt) / 60_000).toFixed(0)
  const problems = report === null ? ['the tests did not run'] : problemsOf(report)
  const verdict = problems.length === 0 ? `passed (${report?.numPassedTests} tests` : `failed (${problems.join('; ')}`
  process.stdout.write(`soak: ${verdict}, ${minutes} minutes)\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

function problemsOf({ numPassedTests, numPendingTests, testResults }: Report): string[] {
  const failed = testResults.flatMap(({ name, status, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed').map(({ fullName }) => fullName)
    // A file that could not be loaded has no tests.
    return tests.length === 0 && status === 'failed' ? [name] : tests
  })
  if (numPendingTests > 0) failed.push(`${numPendingTests} skipped`)
  return failed.length === 0 && numPassedTests === 0 ? ['no test ran'] : failed
}
