import { describe, expect, it } from 'vitest'
import { createPageMemory, type ListMemory, type PageShare } from '../../../src/sync/read/page-memory.ts'

const MIB = 1024 * 1024
const never = new AbortController().signal

/** Records the order in which waits end. @returns reads the names of those that have ended by now */
function watch(waits: Record<string, Promise<void> | undefined>): () => Promise<string[]> {
  const names: string[] = []
  for (const [name, wait] of Object.entries(waits)) {
    Promise.resolve(wait).then(
      () => names.push(name),
      () => names.push(`${name} failed`),
    )
  }
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return names
  }
}

const settled = (waits: Record<string, Promise<void> | undefined>) => watch(waits)()

/** Grows by a chunk of 64 KiB at a time until the page has to wait. @returns the wait */
function fill(page: PageShare): Promise<void> {
  for (let chunk = 0; chunk < 1_000; chunk += 1) {
    const wait = page.grow(64 * 1024)
    if (wait !== undefined) return wait
  }
  throw new Error('The page never had to wait.')
}

/** A memory for two of its largest pages, of 1 MiB. */
const small = () => createPageMemory({ limitBytes: 0, largestPageBytes: MIB })

function ahead(list: ListMemory): ListMemory {
  const other = list.sibling()
  expect(other.isCurrent).toBe(false)
  return other
}

describe('the memory of pages', () => {
  it('lets a page grow to its end while others wait, and then the one that waits longest', async () => {
    const memory = small()
    const pages = Array.from({ length: 10 }, () => memory.list().page(never))
    const waits: Record<string, Promise<void>> = {}
    const finished: number[] = []
    // Each page has 1 MiB, of which a chunk arrives in turn.
    const arrived = pages.map(() => 0)
    const waiting = new Set<number>()
    let most = 0
    while (finished.length < pages.length) {
      let moved = false
      for (const [index, page] of pages.entries()) {
        if (waiting.has(index) || finished.includes(index)) continue
        moved = true
        if (arrived[index] === 16) {
          finished.push(index)
          page.release()
          continue
        }
        arrived[index] = (arrived[index] ?? 0) + 1
        const wait = page.grow(64 * 1024)
        most = Math.max(most, memory.used)
        if (wait === undefined) continue
        waiting.add(index)
        waits[index] = wait.then(() => void waiting.delete(index))
      }
      await new Promise((resolve) => setImmediate(resolve))
      if (!moved && waiting.size + finished.length === pages.length) throw new Error('Every page waits.')
    }
    await Promise.all(Object.values(waits))
    // A decoded byte counts six times.
    expect(most).toBeLessThanOrEqual(2 * (MIB + 64 * 1024) * 6)
    expect(memory.used).toBe(0)
  })

  it('serves pages that jobs wait for first, and of these those that have begun', async () => {
    const memory = small()
    const list = memory.list()
    const [holder, begun, late] = [list.page(never), memory.list().page(never), memory.list().page(never)]
    const early = ahead(list).page(never)
    expect(early.grow(64 * 1024)).toBeUndefined()
    expect(begun.grow(64 * 1024)).toBeUndefined()
    while (memory.used < 9 * MIB) expect(holder.grow(64 * 1024)).toBeUndefined()
    const ended = watch({ early: early.grow(1), late: late.grow(1), begun: begun.grow(1) })
    expect(await ended()).toEqual([])
    holder.release()
    expect(await ended()).toEqual(['begun', 'late', 'early'])
  })

  it('lets a page that was read ahead use the reserve when its turn has come', async () => {
    const memory = small()
    const job = memory.list()
    const others = ahead(job)
    const other = others.page(never)
    const wait = fill(other)
    expect(await settled({ wait })).toEqual([])
    others.isCurrent = true
    expect(await settled({ wait })).toEqual(['wait'])
    for (let chunk = 0; chunk < 8; chunk += 1) expect(other.grow(64 * 1024)).toBeUndefined()
  })

  it('lets a page of a list grow while the page before it is written only without the reserve', async () => {
    const memory = small()
    const list = memory.list()
    list.isBusy = true
    const page = list.page(never)
    const wait = fill(page)
    expect(await settled({ wait })).toEqual([])
    list.isBusy = false
    expect(await settled({ wait })).toEqual(['wait'])
  })

  it('resolves room when a page may be requested, and takes nothing for it', async () => {
    const memory = small()
    const list = memory.list()
    await list.room(never)
    expect(memory.used).toBe(0)
    const other = memory.list()
    const holder = other.page(never)
    while (memory.used < 9 * MIB) expect(holder.grow(64 * 1024)).toBeUndefined()
    const waits = { current: list.room(never), ahead: ahead(list).room(never) }
    expect(await settled(waits)).toEqual([])
    holder.release()
    expect(await settled(waits)).toEqual(['current', 'ahead'])
  })

  it('rejects with the reason of the signal, and the others go on', async () => {
    const memory = small()
    const holder = memory.list().page(never)
    while (memory.used < 9 * MIB) expect(holder.grow(64 * 1024)).toBeUndefined()
    const abort = new AbortController()
    const [cancelled, other] = [memory.list().page(abort.signal), memory.list().page(never)]
    const waits = { cancelled: cancelled.grow(1), other: other.grow(1) }
    expect(await settled(waits)).toEqual([])
    abort.abort(new Error('cancelled'))
    await expect(waits.cancelled).rejects.toThrow('cancelled')
    await expect(cancelled.grow(1)).rejects.toThrow('cancelled')
    holder.release()
    expect(await settled({ other: waits.other })).toEqual(['other'])
    other.release()
    expect(memory.used).toBe(0)
  })

  it('counts what is prepared by its columns until it was written', () => {
    const memory = small()
    const page = memory.list().page(never)
    expect(page.grow(1_000)).toBeUndefined()
    expect(memory.used).toBe(6_000)
    const part = page.prepared(1_000, 10)
    expect(memory.used).toBe(5_000)
    page.release()
    expect(memory.used).toBe(5_000)
    part.release()
    part.release()
    expect(memory.used).toBe(0)
  })
})
