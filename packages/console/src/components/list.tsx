import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { t } from '../texts.ts'
import { Button } from './button.tsx'

interface Page<Item> {
  nodes: readonly Item[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

interface Pages<Item> {
  items: Item[]
  /** Loads the next page. Undefined: there is none. */
  loadMore: (() => Promise<void>) | undefined
}

/**
 * The first page of a list, which is live, and the pages that were loaded behind it.
 * @param key other filters have another key, with which the list begins anew
 * @param load loads the page behind a cursor
 */
export function usePages<Item extends { id: string }>(
  first: Page<Item> | undefined,
  key: string,
  load: (after: string) => Promise<Page<Item> | undefined>,
): Pages<Item> {
  const [later, setLater] = useState<Page<Item> & { key: string }>()
  const more = later?.key === key ? later : undefined
  const seen = new Set<string>()
  const items = [...(first?.nodes ?? []), ...(more?.nodes ?? [])].filter(({ id }) => !seen.has(id) && seen.add(id))
  const { hasNextPage, endCursor } = (more ?? first)?.pageInfo ?? { hasNextPage: false, endCursor: null }
  if (!hasNextPage || endCursor === null) return { items, loadMore: undefined }
  const loadMore = async () => {
    const next = await load(endCursor)
    if (next !== undefined) setLater({ key, nodes: [...(more?.nodes ?? []), ...next.nodes], pageInfo: next.pageInfo })
  }
  return { items, loadMore }
}

interface ListProps<Item> extends Pages<Item> {
  /** Name of the list for screen readers. */
  label: string
  /** A guess at the height of a row in pixels. Rows are measured when they are shown. */
  rowHeight?: number
  children: (item: Item) => ReactNode
}

/** Rows from which a list renders only what is in view. */
const VIRTUAL_FROM = 60

/**
 * A list of rows. The arrows go from row to row, Enter opens one. A long list renders the rows in view only, and the next page is
 * loaded when its end comes into view.
 */
export function List<Item extends { id: string }>({
  items,
  loadMore,
  label,
  rowHeight = 64,
  children,
}: ListProps<Item>) {
  return (
    <>
      {items.length < VIRTUAL_FROM ? (
        <ul className="card list" aria-label={label} onKeyDown={moveByArrows}>
          {items.map((item) => (
            <li key={item.id}>{children(item)}</li>
          ))}
        </ul>
      ) : (
        <VirtualList items={items} label={label} rowHeight={rowHeight}>
          {children}
        </VirtualList>
      )}
      {loadMore !== undefined && <More load={loadMore} />}
    </>
  )
}

function VirtualList<Item extends { id: string }>({
  items,
  label,
  rowHeight = 64,
  children,
}: Omit<ListProps<Item>, 'loadMore'>) {
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is above the list changes with its items
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [items.length])
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => rowHeight,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 12,
    scrollMargin: top,
  })
  return (
    <ul
      ref={list}
      className="card list virtual"
      aria-label={label}
      onKeyDown={moveByArrows}
      style={{ height: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map(({ key, index, start }) => {
        const item = items[index]
        return item === undefined ? null : (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            aria-posinset={index + 1}
            aria-setsize={items.length}
            style={{ transform: `translateY(${start - top}px)` }}
          >
            {children(item)}
          </li>
        )
      })}
    </ul>
  )
}

/** Moves the focus to the row above or below. */
function moveByArrows(event: React.KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const target = event.target as HTMLElement
  if (step === 0 || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(':scope > li')]
  const row = rows[rows.findIndex((each) => each.contains(target)) + step]
  const next = row?.querySelector<HTMLElement>('a, summary, button')
  if (next == null) return
  event.preventDefault()
  next.focus()
  row?.scrollIntoView({ block: 'nearest' })
}

/** How far below the view the end of a list may be when the next page is loaded. */
const NEAR_PX = 400

function isNear(element: HTMLElement | null): boolean {
  return element !== null && element.getBoundingClientRect().top < innerHeight + NEAR_PX
}

/** Loads the next page when it comes into view, and when it is pressed. */
export function More({ load }: { load: () => Promise<void> }) {
  const end = useRef<HTMLDivElement>(null)
  const [busy, setBusy] = useState(false)
  const latest = useRef(load)
  latest.current = load
  const isBusy = useRef(false)
  const run = async () => {
    if (isBusy.current) return
    isBusy.current = true
    setBusy(true)
    await latest.current()
    isBusy.current = false
    setBusy(false)
    // An observer tells only of changes: the end may still be in view when the new rows are there.
    requestAnimationFrame(() => requestAnimationFrame(() => isNear(end.current) && void run()))
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the function reads its state from refs
  useEffect(() => {
    const element = end.current
    if (element === null) return undefined
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && void run(), {
      rootMargin: `${NEAR_PX}px`,
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return (
    <div className="pager" ref={end}>
      <Button busy={busy} onClick={() => void run()}>
        {t('common.more')}
      </Button>
    </div>
  )
}
