import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { strategyFolderProblems } from '../../../src/auth/custom/strategy-folder.ts'

let parent: string
let folder: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'latchkey-strategies-'))
  folder = join(parent, 'strategies')
  await mkdir(join(folder, 'lib'), { recursive: true })
  await writeFile(join(folder, 'mine.ts'), '')
  await writeFile(join(folder, 'lib', 'helper.ts'), '')
})
afterEach(() => rm(parent, { recursive: true }))

describe('strategyFolderProblems', () => {
  it('finds none in a folder that only this user can change, below a folder with the sticky bit', async () => {
    expect(strategyFolderProblems(folder)).toEqual([])
    await chmod(parent, 0o1777)
    expect(strategyFolderProblems(folder)).toEqual([])
    await chmod(folder, 0o555)
    expect(strategyFolderProblems(folder)).toEqual([])
  })

  it.each([
    ['the folder itself', 'strategies', 0o775],
    ['the folder itself, although it has the sticky bit', 'strategies', 0o1777],
    ['a file', 'strategies/mine.ts', 0o664],
    ['a file that everybody may write', 'strategies/mine.ts', 0o646],
    ['a file in a folder below, which a strategy may import', 'strategies/lib/helper.ts', 0o666],
    ['a folder below', 'strategies/lib', 0o777],
    ['the folder above', '.', 0o777],
  ])('names %s when others can write to it', async (_, path, mode) => {
    const target = join(parent, path)
    await chmod(target, mode)
    expect(strategyFolderProblems(folder)).toEqual([
      expect.stringMatching(
        new RegExp(`^LATCHKEY_STRATEGIES_DIR is not safe: other users can write to ${target}, .*go-w`),
      ),
    ])
  })

  it('follows symbolic links: of the folder, of a file, and of the folder of a file', async () => {
    const open = join(parent, 'open')
    await mkdir(open)
    await writeFile(join(open, 'linked.ts'), '')
    await symlink(join(open, 'linked.ts'), join(folder, 'linked.ts'))
    expect(strategyFolderProblems(folder)).toEqual([])
    await chmod(open, 0o777)
    expect(strategyFolderProblems(folder)).toEqual([expect.stringContaining(`write to ${open},`)])
    await symlink(folder, join(open, 'way'))
    expect(strategyFolderProblems(join(open, 'way'))).toEqual([expect.stringContaining(`write to ${open},`)])
  })

  it.runIf(process.getuid?.() === 0)('names what belongs to another user', async () => {
    await chown(join(folder, 'mine.ts'), 12_345, 12_345)
    expect(strategyFolderProblems(folder)).toEqual([
      expect.stringContaining(`${join(folder, 'mine.ts')} belongs to the user 12345`),
    ])
  })

  it('says that there is no such folder', () => {
    for (const path of ['/no/such/folder', join(folder, 'mine.ts')]) {
      expect(strategyFolderProblems(path)).toEqual(['LATCHKEY_STRATEGIES_DIR must be a folder that exists.'])
    }
  })
})
