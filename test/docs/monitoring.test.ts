import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../../src/kit/metrics.ts'
import { repositoryRoot } from '../support/program.ts'

const read = (path: string) => readFile(join(repositoryRoot, path), 'utf8')

interface Rule {
  alert: string
  expr: string
  for: string
  labels: { severity: string }
  annotations: { summary: string; runbook: string }
}

const rules: Rule[] = parse(await read('deploy/monitoring/alerts.yaml')).groups.flatMap(
  ({ rules: ofGroup }: { rules: Rule[] }) => ofGroup,
)
const dashboard = JSON.parse(await read('deploy/monitoring/dashboard.json'))
const panels: { title: string; targets?: { expr: string }[] }[] = dashboard.panels
// Grafana replaces its variables before Prometheus parses the expression.
const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ name: title, expr: expr.replaceAll('$__rate_interval', '5m') })),
)
const expressions = [...rules.map(({ alert, expr }) => ({ name: alert, expr })), ...queries]

/** Metrics that Prometheus itself adds. */
const OF_PROMETHEUS = ['up']

/** Names of the metrics in an expression, and its faults. */
function readExpression(expr: string): { metrics: string[]; faults: string[] } {
  const [metrics, faults]: [string[], string[]] = [[], []]
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) faults.push(`at ${node.from}`)
      if (node.name === 'VectorSelector')
        metrics.push(/^[a-zA-Z_:][\w:]*/.exec(expr.slice(node.from, node.to))?.[0] ?? '')
    },
  })
  return { metrics, faults }
}

describe('deploy/monitoring', () => {
  it.each(expressions)('$name is a query of metrics that exist', async ({ expr }) => {
    const { text } = await createMetrics({ ofProcess: true, version: '1' }).expose()
    const { metrics, faults } = readExpression(expr)
    expect(faults).toEqual([])
    expect(metrics.length).toBeGreaterThan(0)
    for (const metric of metrics) {
      const known = OF_PROMETHEUS.includes(metric) || text.includes(`# TYPE ${metric.replace(/_bucket$/, '')} `)
      expect(known, metric).toBe(true)
    }
  })

  it('has no query that the parser would let pass with a fault', () => {
    expect(readExpression('sum(rate(up[5m])').faults).not.toEqual([])
  })

  it('has a runbook for each alert, and an alert for each runbook', async () => {
    const runbooks = [...(await read('docs/runbooks.md')).matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
    expect(rules.map(({ alert }) => alert)).toEqual(runbooks)
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`)
      expect(['critical', 'warning']).toContain(labels.severity)
    }
  })

  it('shows each metric of the product on the dashboard', async () => {
    const { text } = await createMetrics({ version: '1' }).expose()
    const names = [...text.matchAll(/^# TYPE (latchkey_\w+) /gm)].map(([, name]) => name ?? '')
    const shown = queries.flatMap(({ expr }) =>
      readExpression(expr).metrics.map((name) => name.replace(/_bucket$/, '')),
    )
    expect(names.filter((name) => !shown.includes(name))).toEqual(['latchkey_webhook_events_waiting'])
  })

  it('docs/operations.md lists each metric of the product, and no other', async () => {
    const { text } = await createMetrics({ version: '1' }).expose()
    const names = [...text.matchAll(/^# TYPE (latchkey_\w+) /gm)].map(([, name]) => name)
    const listed = [...(await read('docs/operations.md')).matchAll(/^\| `(latchkey_\w+)` \|/gm)].map(([, name]) => name)
    expect(listed.toSorted()).toEqual(names.toSorted())
  })

  it('has panels that do not overlap', () => {
    const places = dashboard.panels.map(({ gridPos: { x, y, w, h } }: { gridPos: Record<string, number> }) => [
      x,
      y,
      w,
      h,
    ])
    for (const [index, [x, y, w, h]] of places.entries()) {
      expect(x + w).toBeLessThanOrEqual(24)
      for (const [ox, oy, ow, oh] of places.slice(index + 1)) {
        expect(x < ox + ow && ox < x + w && y < oy + oh && oy < y + h).toBe(false)
      }
    }
  })
})
