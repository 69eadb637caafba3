/**
 * `npm run bench` runs the usual benchmarks and prints a table of the results; `npm run bench -- sync herd` runs those
 * named. Each measures Latchkey and a reference alternately, so compare the ratios and not the rates.
 * BENCH_SECONDS and BENCH_ROUNDS set the length.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { tableOf } from './results.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const DEFAULT = ['reads', 'sync', 'latency', 'subscriptions', 'proxy', 'credentials', 'queue']
const BENCHMARKS = [
  ...DEFAULT,
  ...[
    'replay',
    'takeover',
    'export',
    'herd',
    'cost',
    'noisy-neighbour',
    'jobs',
    'webhooks',
    'console',
    'unit-costs',
    'deletion',
  ],
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !BENCHMARKS.includes(name))
if (unknown.length > 0)
  throw new Error(`Unknown benchmark: ${unknown.join(', ')}. Choose from ${BENCHMARKS.join(', ')}.`)

const folder = mkdtempSync(`${tmpdir()}/latchkey-bench-`)
const results = `${folder}/results`
writeFileSync(results, '')
const began = performance.now()
for (const name of wanted.length > 0 ? wanted : DEFAULT) {
  process.stdout.write(`\n${name}\n`)
  const env = { ...process.env, BENCH_RESULTS: results }
  const { status } = spawnSync(process.execPath, [`${here}${name}.ts`], { stdio: 'inherit', env })
  if (status !== 0) process.exitCode = 1
}
process.stdout.write(`\n${tableOf(results)}\n\n${Math.round((performance.now() - began) / 60_000)} minutes\n`)
rmSync(folder, { recursive: true })
