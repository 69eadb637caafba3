/** Reads the packages of an installation from a lock file. */

export interface LockedPackage {
  version?: string
  license?: string
  /** Subresource integrity, such as `sha512-…`. */
  integrity?: string
  resolved?: string
  dev?: boolean
  optional?: boolean
  devOptional?: boolean
  link?: boolean
}

export interface InstalledPackage {
  /** Folder, such as `node_modules/pg`. */
  path: string
  name: string
  version: string
  /** An SPDX expression; `unknown`: the package states none. */
  licence: string
  integrity: string | undefined
  resolved: string | undefined
}

/** The packages that `npm ci --omit=dev --omit=optional` installs, as the image does, sorted by folder. */
export function productionPackages(packages: Readonly<Record<string, LockedPackage>>): InstalledPackage[] {
  return (
    Object.entries(packages)
      // Other paths are the folders of the repository's own packages.
      .filter(([path]) => path.startsWith('node_modules/'))
      .filter(([, { dev, optional, devOptional, link }]) => !(dev || optional || devOptional || link))
      .map(([path, { version = '', license = 'unknown', integrity, resolved }]) => {
        const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
        return { path, name, version, licence: license, integrity, resolved }
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  )
}
