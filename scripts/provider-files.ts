import { readdir } from 'node:fs/promises'
import type { Provider } from '../src/catalog/definition/definition.ts'
import type { ProviderFile } from '../src/catalog/provider-file.ts'

const FOLDER = new URL('../src/catalog/providers/', import.meta.url)

/** A provider of the catalogue with everything that its file has. */
export interface FiledProvider extends Provider {
  file: ProviderFile
}

/**
 * Every built-in provider, ordered by slug. It loads all of their files, as the running product never does, and does not need the
 * generated index.
 * @throws Error for a file without the export `provider`
 */
export async function loadProviderFiles(): Promise<FiledProvider[]> {
  const slugs = (await readdir(FOLDER)).map((name) => name.replace(/\.ts$/, '')).sort()
  return Promise.all(
    slugs.map(async (slug) => {
      const { provider: file } = (await import(new URL(`${slug}.ts`, FOLDER).href)) as { provider?: ProviderFile }
      if (file === undefined) {
        throw new Error(
          `src/catalog/providers/${slug}.ts has no export named provider: export const provider: ProviderFile`,
        )
      }
      return { slug, definition: file.definition, file }
    }),
  )
}
