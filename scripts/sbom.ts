/**
 * `npm run sbom`: prints a CycloneDX 1.5 bill of materials (https://cyclonedx.org/docs/1.5/json/) of an installation with
 * `npm ci --omit=dev --omit=optional`. The build of the image writes it to /app/sbom.cdx.json. It reads package-lock.json, which
 * names the exact packages with their hashes: `npm sbom --omit dev` leaves out packages that development needs too, such as
 * graphql and pg. Fails when a package is missing in node_modules.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type InstalledPackage, productionPackages } from './locked-packages.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'))
const packages = productionPackages(lock.packages)
const missing = packages.filter(({ path }) => !existsSync(`${root}${path}/package.json`))

if (missing.length > 0) {
  process.stderr.write(`Not installed: ${missing.map(({ path }) => path).join(', ')}. Run npm ci first.\n`)
  process.exitCode = 1
} else {
  process.stdout.write(`${JSON.stringify(describe(packages), null, 2)}\n`)
}

function describe(installed: readonly InstalledPackage[]) {
  // A package that is installed twice in the same version is one component.
  const components = new Map(installed.map((each) => [purlOf(each), component(each)]))
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: new Date().toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': purlOf(lock),
        name: lock.name,
        version: lock.version,
        purl: purlOf(lock),
        licenses: [{ license: { id: 'MIT' } }],
      },
    },
    components: [...components.values()],
  }
}

function component(each: InstalledPackage) {
  const { name, version, licence, integrity, resolved } = each
  return {
    type: 'library',
    'bom-ref': purlOf(each),
    name,
    version,
    purl: purlOf(each),
    licenses: /^[\w.+-]+$/.test(licence) ? [{ license: { id: licence } }] : [{ expression: licence }],
    hashes: (integrity ?? '').split(' ').flatMap((hash) => {
      const [, bits, digest = ''] = /^sha(256|384|512)-(.+)$/.exec(hash) ?? []
      return bits === undefined ? [] : [{ alg: `SHA-${bits}`, content: Buffer.from(digest, 'base64').toString('hex') }]
    }),
    externalReferences: resolved === undefined ? [] : [{ type: 'distribution', url: resolved }],
  }
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
function purlOf({ name, version }: { name: string; version: string }): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`
}
