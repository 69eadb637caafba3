/**
 * `npm run bench`: all benchmarks, one after the other, and a table of what they found; `npm run bench -- sync reads`: those
 * named. Each measures Latchkey and what it is beside in turn, round by round, in one run: only the ratios mean something.
 * BENCH_SECONDS and BENCH_ROUNDS make it shorter or longer.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { tableOf } from './results.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const BENCHMARKS = ['reads', 'sync', 'latency', 'subscriptions', 'proxy', 'credentials', 'queue'].filter((name) =>
  readdirSync(here).includes(`${name}.ts`),
)

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !BENCHMARKS.includes(name))
if (unknown.length > 0)
  throw new Error(`There is no benchmark ${unknown.join(', ')}. There are: ${BENCHMARKS.join(', ')}.`)

const folder = mkdtempSync(`${tmpdir()}/latchkey-bench-`)
const results = `${folder}/results`
writeFileSync(results, '')
const began = performance.now()
for (const name of wanted.length > 0 ? wanted : BENCHMARKS) {
  process.stdout.write(`\n${name}\n`)
  const env = { ...process.env, BENCH_RESULTS: results }
  const { status } = spawnSync(process.execPath, [`${here}${name}.ts`], { stdio: 'inherit', env })
  if (status !== 0) process.exitCode = 1
}
process.stdout.write(`\n${tableOf(results)}\n\n${Math.round((performance.now() - began) / 60_000)} minutes\n`)
rmSync(folder, { recursive: true })
