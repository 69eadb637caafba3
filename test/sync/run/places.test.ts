import { describe, expect, it } from 'vitest'
import type { QueuedJob } from '../../../src/sync/jobs/backlog.ts'
import { createPlaces, type PlaceCaps } from '../../../src/sync/run/places.ts'

const job = (workspaceId: string, integrationId: string, host: string): QueuedJob => ({
  id: `${workspaceId}-${integrationId}`,
  workspaceId,
  integrationId,
  host,
  requestsPerSecond: null,
  hasSlot: false,
})

/** How many of the jobs get one of ten places. */
function placed(jobs: readonly QueuedJob[], caps?: PlaceCaps): number {
  const places = createPlaces(10, caps)
  return jobs.filter((each) => places.take(each)).length
}

const same = Array.from({ length: 10 }, () => job('w', 'i', 'h'))
const integrations = same.map((_job, index) => job('w', `i${index}`, 'h'))
const hosts = same.map((_job, index) => job('w', `i${index}`, `h${index}`))
const workspaces = same.map((_job, index) => job(`w${index}`, `i${index}`, 'h'))

describe('the places of a worker', () => {
  it.each([
    ['of one integration', same, undefined, 8],
    ['of one integration', same, { integration: 3 }, 3],
    ['of one integration, above the share', same, { integration: 10, host: 10 }, 9],
    ['at one host', integrations, undefined, 8],
    ['at one host', integrations, { host: 2 }, 2],
    ['of one workspace', hosts, undefined, 9],
    ['of one workspace', hosts, { workspace: 4 }, 4],
    ['of several workspaces at one host, which are exempt from its share', workspaces, undefined, 10],
    ['of several workspaces at one host, which are not exempt from its cap', workspaces, { host: 5 }, 5],
  ])('%s', (_of, jobs, caps, expected) => {
    expect(placed(jobs, caps)).toBe(expected)
  })

  it('say what is full, so that the queue is not read for it', () => {
    const places = createPlaces(10, { workspace: 2, integration: 1, host: 2 })
    const taken = [job('w1', 'i1', 'h1'), job('w1', 'i2', 'h2'), job('w2', 'i3', 'h1')]
    for (const each of taken) expect(places.take(each)).toBe(true)
    expect(places.room()).toMatchObject({
      fullWorkspaces: ['w1'],
      fullIntegrations: ['i1', 'i2', 'i3'],
      fullHosts: ['h1'],
    })
    for (const each of taken) places.leave(each)
    expect(places.room()).toMatchObject({ fullWorkspaces: [], fullIntegrations: [], fullHosts: [] })
  })

  it('say that a host with a cap is full while only workspaces without a running job may take a place', () => {
    const fill = (caps?: PlaceCaps) => {
      const places = createPlaces(2, caps)
      places.take(job('w1', 'i1', 'h1'))
      return places.room()
    }
    expect(fill({ host: 1 })).toMatchObject({ fullHosts: ['h1'], fullWorkspaces: ['w1'] })
    expect(fill()).toMatchObject({ fullHosts: [], fullWorkspaces: ['w1'] })
  })
})
