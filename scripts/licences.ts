/**
 * `npm run licences`: writes docs/licences.md, the list of the packages in the image, from package-lock.json. With `--check` it writes nothing and fails when the file differs. In both cases it fails
 * for a licence that is not in `ALLOWED`: decide whether it can be used, and add it there.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type InstalledPackage, productionPackages } from './locked-packages.ts'

const FILE = 'docs/licences.md'
/** SPDX identifiers (https://spdx.org/licenses/). None of them has conditions for those who only run the program. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
])

/** Whether an SPDX expression offers allowed licences: one of those joined by OR, and all of those joined by AND. */
export function isAllowed(expression: string): boolean {
  const bare = expression.replace(/^\((.*)\)$/, '$1')
  if (/[()]/.test(bare)) return false
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence.trim())))
}

function describe(packages: readonly InstalledPackage[]): string {
  const rows = new Set(packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`))
  return `# Licences

Latchkey is licensed under [MIT](../LICENSE). The image contains the packages below, which \`/app/sbom.cdx.json\` in the image lists
with their hashes. The packages that are bundled into the console are in \`packages/console/dist/licences.md\`, which its build writes.
\`npm run licences\` writes this file, and \`npm run check\` compares it with \`package-lock.json\`.

| package | version | licence |
|---|---|---|
${[...rows].sort().join('\n')}
`
}

function main(checks: boolean): number {
  const root = fileURLToPath(new URL('../', import.meta.url))
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'))
  const production = productionPackages(packages)
  const refused = production.filter(({ licence }) => !isAllowed(licence))
  for (const { name, version, licence } of refused) {
    process.stderr.write(`${name} ${version} has the licence ${licence}, which scripts/licences.ts does not allow.\n`)
  }
  const text = describe(production)
  if (!checks) writeFileSync(root + FILE, text)
  else if (readFileSync(root + FILE, 'utf8') !== text) {
    process.stderr.write(`${FILE} is not up to date. Run: npm run licences\n`)
    return 1
  }
  return refused.length > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.includes('--check'))
