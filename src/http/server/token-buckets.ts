import { BoundedMap } from '../../kit/bounded-map.ts'

interface TokenBucketOptions {
  /** Points in a full bucket, which can be taken at once. */
  capacity: number
  /** Points that are added per second. */
  perSecond: number
  /** How far below zero a bucket can be. Points that are charged beyond that are not counted. Default: any number of points. */
  maxDebt?: number
  /** Buckets that are kept. The least recently used ones are dropped. Default 10,000. */
  maxKeys?: number
  /** The clock, in milliseconds. Default: `performance.now`. */
  now?: () => number
}

export interface TokenBuckets {
  /**
   * Takes points from a bucket. A request for more than the capacity succeeds if the bucket is full.
   *
   * @returns null: the points were taken; otherwise the whole seconds until there are enough
   */
  take(key: string, points: number): number | null
  /** The same answer as `take`, without taking points. */
  wait(key: string, points: number): number | null
  /** Takes points in any case, so that the bucket may be below zero. A negative number gives points back. */
  charge(key: string, points: number): void
  /** Milliseconds until the bucket is no longer below zero; 0: it is not. */
  debtMs(key: string): number
}

interface Bucket {
  level: number
  atMs: number
}

/** Token buckets by key. Each process counts for itself. */
export function createTokenBuckets(options: TokenBucketOptions): TokenBuckets {
  const {
    capacity,
    perSecond,
    maxDebt = Number.POSITIVE_INFINITY,
    maxKeys = 10_000,
    now = () => performance.now(),
  } = options
  const buckets = new BoundedMap<string, Bucket>({ max: maxKeys })

  /** A dropped bucket counts as full. It would have been refilled by then, unless there is a flood of keys. */
  const bucketOf = (key: string): Bucket => {
    const nowMs = now()
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = { level: capacity, atMs: nowMs }
      buckets.set(key, bucket)
    }
    bucket.level = Math.min(capacity, bucket.level + ((nowMs - bucket.atMs) / 1_000) * perSecond)
    bucket.atMs = nowMs
    return bucket
  }
  const secondsUntil = (bucket: Bucket, points: number): number | null => {
    const missing = Math.min(points, capacity) - bucket.level
    return missing <= 0 ? null : Math.max(1, Math.ceil(missing / perSecond))
  }
  return {
    take(key, points) {
      const bucket = bucketOf(key)
      const seconds = secondsUntil(bucket, points)
      if (seconds === null) bucket.level = Math.max(-maxDebt, bucket.level - points)
      return seconds
    },
    wait: (key, points) => secondsUntil(bucketOf(key), points),
    charge(key, points) {
      const bucket = bucketOf(key)
      bucket.level = Math.max(-maxDebt, Math.min(capacity, bucket.level - points))
    },
    debtMs: (key) => Math.max(0, (-bucketOf(key).level / perSecond) * 1_000),
  }
}
