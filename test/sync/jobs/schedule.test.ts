import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../../../src/kit/errors.ts'
import { checkInput } from '../../../src/kit/input.ts'
import { changeSchedule, nextRunAt, type Schedule, type ScheduleChange } from '../../../src/sync/jobs/schedule.ts'

function change(given: ScheduleChange, stored: Schedule | null = null): Schedule | string[] {
  const check = checkInput()
  const schedule = changeSchedule(check, ['input', 'schedule'], stored, given)
  try {
    check.done()
    return schedule
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.fields.map(({ path }) => path.join('.'))
  }
}

const next = (given: ScheduleChange, after: string) => {
  const schedule = change(given)
  if (Array.isArray(schedule)) throw new Error(schedule.join())
  return nextRunAt(schedule, new Date(after))?.toISOString() ?? null
}

describe('changeSchedule', () => {
  it('uses UTC and is not paused by default', () => {
    expect(change({ intervalSeconds: 60 })).toEqual({ cron: null, intervalSeconds: 60, timezone: 'UTC', paused: false })
  })

  it('keeps fields of the stored schedule that are not given', () => {
    const stored = { cron: '0 6 * * 1-5', intervalSeconds: null, timezone: 'Europe/Berlin', paused: false }
    expect(change({ paused: true }, stored)).toEqual({ ...stored, paused: true })
    expect(change({ intervalSeconds: 300 }, stored)).toEqual({ ...stored, cron: null, intervalSeconds: 300 })
    expect(change({ timezone: 'UTC', cron: null }, stored)).toEqual({ ...stored, timezone: 'UTC' })
  })

  it('requires exactly one of cron and interval', () => {
    expect(change({})).toEqual(['input.schedule.cron'])
    expect(change({ paused: true })).toEqual(['input.schedule.cron'])
    expect(change({ cron: '0 * * * *', intervalSeconds: 60 })).toEqual(['input.schedule.cron'])
  })

  it('reports all problems at once', () => {
    expect(change({ cron: 'daily', timezone: 'Mars/Olympus' })).toEqual([
      'input.schedule.timezone',
      'input.schedule.cron',
    ])
    expect(change({ intervalSeconds: 59, timezone: '+02:00' })).toEqual([
      'input.schedule.timezone',
      'input.schedule.intervalSeconds',
    ])
    expect(change({ intervalSeconds: 2 ** 31 - 1 })).toEqual(['input.schedule.intervalSeconds'])
  })

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '@daily',
    'H H * * *',
    '60 * * * *',
    '0 0 31 2 *',
    '*/0 * * * *',
    '5-1 * * * *',
  ])('rejects the cron expression %j', (cron) => expect(change({ cron })).toEqual(['input.schedule.cron']))
})

describe('nextRunAt', () => {
  it('counts an interval from the given instant', () => {
    expect(next({ intervalSeconds: 90 }, '2026-01-01T00:00:00Z')).toBe('2026-01-01T00:01:30.000Z')
  })

  it('evaluates cron in the time zone', () => {
    expect(next({ cron: '0 9 * * mon-fri', timezone: 'Asia/Kolkata' }, '2026-01-02T12:00:00Z')).toBe(
      '2026-01-05T03:30:00.000Z',
    )
  })

  it('is later than the given instant, even when the instant is due itself', () => {
    expect(next({ cron: '*/15 * * * *' }, '2026-01-01T00:15:00Z')).toBe('2026-01-01T00:30:00.000Z')
  })

  it('is due once when clocks are set forward and once when they are set back', () => {
    const nightly = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
    expect(next(nightly, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(next(nightly, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z')
    expect(next(nightly, '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z')
  })

  it('is null while the schedule is paused', () => {
    expect(next({ intervalSeconds: 60, paused: true }, '2026-01-01T00:00:00Z')).toBeNull()
  })
})
