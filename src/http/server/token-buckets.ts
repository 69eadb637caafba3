interface TokenBucketOptions {
  /** What a bucket holds when it is full: how much may come at once. */
  capacity: number
  perSecond: number
  /** Buckets beyond this number are forgotten, the ones that were not used for longest first. Default 10,000. */
  maxKeys?: number
  /** Milliseconds, from any start. */
  now?: () => number
}

export interface TokenBuckets {
  /**
   * Takes points from a caller's bucket. More than a bucket can hold is let through from a full one.
   * @returns null, or, when nothing was taken, the whole seconds until there is enough
   */
  take(key: string, points: number): number | null
  /** The same answer without taking anything. */
  wait(key: string, points: number): number | null
}

interface Bucket {
  level: number
  atMs: number
}

/** Token buckets by key, in this process: each gateway counts for itself. */
export function createTokenBuckets(options: TokenBucketOptions): TokenBuckets {
  const { capacity, perSecond, maxKeys = 10_000, now = () => performance.now() } = options
  const buckets = new Map<string, Bucket>()

  /** A key that is forgotten has a full bucket, which is what it would have by then in all but a flood of keys. */
  const bucketOf = (key: string): Bucket => {
    const nowMs = now()
    const bucket = buckets.get(key) ?? { level: capacity, atMs: nowMs }
    bucket.level = Math.min(capacity, bucket.level + ((nowMs - bucket.atMs) / 1_000) * perSecond)
    bucket.atMs = nowMs
    // The order of the map is the order of use.
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > maxKeys) {
      const [oldest] = buckets.keys()
      if (oldest !== undefined) buckets.delete(oldest)
    }
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
      if (seconds === null) bucket.level -= points
      return seconds
    },
    wait: (key, points) => secondsUntil(bucketOf(key), points),
  }
}
