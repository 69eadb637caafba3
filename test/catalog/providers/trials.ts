import { readdir } from 'node:fs/promises'
import type { ProviderTrial } from './trial.ts'

const FOLDER = new URL('../trials/', import.meta.url)

/** The documented responses of each provider, by slug: one file in `test/catalog/trials/` for each. */
export const TRIALS: Readonly<Record<string, ProviderTrial>> = Object.fromEntries(
  await Promise.all(
    (await readdir(FOLDER)).sort().map(async (name) => {
      const { trial } = (await import(`../trials/${name.slice(0, -'.ts'.length)}.ts`)) as { trial: ProviderTrial }
      return [name.slice(0, -'.ts'.length), trial]
    }),
  ),
)
