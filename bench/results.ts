import { appendFileSync, readFileSync } from 'node:fs'
import { median } from './program-under-load.ts'

/** One line of the table: two numbers that were measured in turn, in one run, on one machine. */
export interface Result {
  name: string
  unit: string
  /** One for each round. */
  latchkey: readonly number[]
  /** What Latchkey is beside: `PostGraphile 5`, `bare ws broadcast`, … */
  beside: string
  other: readonly number[]
}

/** What a benchmark prints beside its ratios, such as memory. */
export interface Note {
  name: string
  note: string
}

/** Prints a line, and keeps it for the table where `npm run bench` prints one. */
export function report(line: Result | Note): void {
  process.stdout.write(`${textOf(line).join(': ')}\n`)
  const file = process.env['BENCH_RESULTS']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`)
}

/** Of what the benchmarks reported into a file, with one line for each. */
export function tableOf(file: string): string {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const rows = lines.filter((line) => line !== '').map((line) => textOf(JSON.parse(line) as Result | Note))
  return [['what', 'ratio (median of the rounds), and how it was got'], ['---', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

function textOf(line: Result | Note): [string, string] {
  if ('note' in line) return [line.name, line.note]
  const { name, unit, latchkey, beside, other } = line
  const ratios = latchkey.map((ours, round) => ours / (other[round] ?? Number.NaN))
  const rounds = ratios.map((ratio) => ratio.toFixed(2)).join(', ')
  return [
    name,
    `${median(ratios).toFixed(2)} (${rounds}): Latchkey ${Math.round(median(latchkey))} ${unit}, ` +
      `${beside} ${Math.round(median(other))} ${unit}`,
  ]
}
