import { appendFileSync, readFileSync } from 'node:fs'
import { median } from './program-under-load.ts'

/** A comparison: rates that were measured alternately in one run on one machine. */
export interface Result {
  name: string
  unit: string
  /** One rate for each round. */
  latchkey: readonly number[]
  /** What Latchkey is compared with, such as `PostGraphile 5`. */
  reference: string
  other: readonly number[]
}

/** A result without a comparison, such as memory. */
export interface Note {
  name: string
  note: string
}

/** Prints a result, and appends it to the file of `npm run bench`, which prints them as a table. */
export function report(line: Result | Note): void {
  process.stdout.write(`${textOf(line).join(': ')}\n`)
  const file = process.env['BENCH_RESULTS']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`)
}

/** Markdown table of the results in a file. */
export function tableOf(file: string): string {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const rows = lines.filter((line) => line !== '').map((line) => textOf(JSON.parse(line) as Result | Note))
  return [['what', 'ratio (median of the rounds) and rates'], ['---', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

function textOf(line: Result | Note): [string, string] {
  if ('note' in line) return [line.name, line.note]
  const { name, unit, latchkey, reference, other } = line
  const ratios = latchkey.map((ours, round) => ours / (other[round] ?? Number.NaN))
  const rounds = ratios.map((ratio) => ratio.toFixed(2)).join(', ')
  return [
    name,
    `${median(ratios).toFixed(2)} (${rounds}): Latchkey ${Math.round(median(latchkey))} ${unit}, ` +
      `${reference} ${Math.round(median(other))} ${unit}`,
  ]
}
