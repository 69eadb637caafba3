/** One record of the sandbox's API, the same in every process and at every start. */
export interface SandboxRecord {
  id: string
  /** ISO 8601. */
  updated_at: string
  [field: string]: unknown
}

export type StreamName = 'users' | 'projects' | 'tasks'

const COUNTS: Record<StreamName, number> = { users: 20, projects: 30, tasks: 200 }
const FIRST_NAMES = ['Alan', 'Barbara', 'Edsger', 'Frances', 'Katherine', 'Ken', 'Margaret', 'Radia']
const LAST_NAMES = ['Allen', 'Dijkstra', 'Hamilton', 'Johnson', 'Liskov', 'Perlman', 'Thompson', 'Turing']
const VERBS = ['Check', 'Describe', 'Draw', 'Measure', 'Rename', 'Repair', 'Shorten', 'Test']
const THINGS = ['the bridge', 'the compiler', 'the door', 'the engine', 'the invoice', 'the map', 'the report']
const STATES = ['open', 'in_progress', 'done']
const FIRST_CHANGE_MS = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000

/** In the order of their change. */
export function recordsOf(accountId: string, stream: StreamName): SandboxRecord[] {
  return Array.from({ length: COUNTS[stream] }, (_, index) => ({
    id: `${accountId}-${stream.slice(0, -1)}-${index + 1}`,
    ...FIELDS[stream](accountId, index),
    updated_at: new Date(FIRST_CHANGE_MS + index * HOUR_MS).toISOString(),
  }))
}

const FIELDS: Record<StreamName, (accountId: string, index: number) => Record<string, unknown>> = {
  users(accountId, index) {
    const [first, last] = [pick(FIRST_NAMES, index), pick(LAST_NAMES, index * 3 + Math.floor(index / 8))]
    return { name: `${first} ${last}`, email: `${first}.${last}.${index + 1}@${accountId}.example`.toLowerCase() }
  },
  projects: (accountId, index) => ({
    name: `${pick(VERBS, index)} ${pick(THINGS, index * 5)}`,
    owner_id: `${accountId}-user-${(index % COUNTS.users) + 1}`,
    budget: 1_000 + index * 250,
  }),
  tasks: (accountId, index) => ({
    title: `${pick(VERBS, index * 3)} ${pick(THINGS, index)}`,
    state: pick(STATES, index),
    project_id: `${accountId}-project-${(index % COUNTS.projects) + 1}`,
    assignee_id: index % 7 === 0 ? null : `${accountId}-user-${(index % COUNTS.users) + 1}`,
  }),
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length] ?? ''
}
