import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json, jsonParseLinter } from '@codemirror/lang-json'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, forEachDiagnostic, linter, lintKeymap } from '@codemirror/lint'
import { EditorState, StateEffect, StateField } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import { t } from '../texts.ts'
import { completeBySchema } from './completion.ts'
import { type Fault, faultsOf, type JsonSchema } from './json-schema.ts'
import { rangeOf } from './json-tree.ts'

/** A fault with its place in the text. */
export interface Problem {
  from: number
  line: number
  message: string
}

interface CodeEditorProps {
  /** Name for screen readers. */
  label: string
  /** The text at the start. A later one is ignored: the editor has the text. */
  initial: string
  /** By which the text is completed and checked. Undefined: not known yet. */
  schema: JsonSchema | undefined
  /** What the server found. It is shown until its place in the text changes. */
  faults: readonly Fault[]
  readOnly: boolean
  onChange: (text: string) => void
  onProblems: (problems: Problem[]) => void
  /** Receives a function that moves the cursor. */
  onReady: (goTo: (position: number) => void) => void
}

/** A JSON editor. It is in a shadow root, where its styles are style sheets in memory: the policy of the page allows no <style>. */
export function CodeEditor({ initial, label, schema, faults, readOnly, ...callbacks }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const latest = useRef({ schema, ...callbacks })
  latest.current = { schema, ...callbacks }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once, and reads later values from the ref
  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' })
    const editor = new EditorView({
      root,
      parent: root as unknown as Element,
      state: EditorState.create({
        doc: initial,
        extensions: [
          ...[lineNumbers(), history(), bracketMatching(), closeBrackets(), indentOnInput(), indentUnit.of('  ')],
          ...[json(), syntaxHighlighting(COLOURS), THEME, serverFaults, EditorView.lineWrapping],
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          overSelection,
          EditorState.readOnly.of(readOnly),
          autocompletion({ override: [completeBySchema(() => latest.current.schema)], icons: false }),
          linter((current) => diagnosticsOf(current, latest.current.schema), {
            delay: 300,
            needsRefresh: ({ transactions }) =>
              transactions.some(({ effects }) => effects.some((effect) => effect.is(setFaults))),
          }),
          // Tab stays what moves the focus on.
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString())
            latest.current.onProblems(problemsOf(update.state))
          }),
        ],
      }),
    })
    view.current = editor
    latest.current.onReady((position) => {
      editor.dispatch({ selection: { anchor: Math.min(position, editor.state.doc.length) }, scrollIntoView: true })
      editor.focus()
    })
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [])
  useEffect(() => {
    const editor = view.current
    if (editor === null || schema === undefined) return
    // An update makes the linter look at the text again.
    editor.dispatch({ effects: setFaults.of(editor.state.field(serverFaults)) })
  }, [schema])
  useEffect(() => {
    const editor = view.current
    if (editor === null) return
    const placed = faults.map(({ path, message }) => ({ ...rangeOf(editor.state, path), message }))
    editor.dispatch({ effects: setFaults.of(placed) })
    const [first] = placed
    if (first !== undefined) editor.dispatch({ selection: { anchor: first.from }, scrollIntoView: true })
  }, [faults])
  return <div ref={host} className="code-editor" />
}

interface Placed {
  from: number
  to: number
  message: string
}

const setFaults = StateEffect.define<readonly Placed[]>()

/** What the server found. What somebody changes is no longer at fault, as far as the server knows. */
const serverFaults = StateField.define<readonly Placed[]>({
  create: () => [],
  update(faults, { effects, changes }) {
    let kept = faults.flatMap((fault) =>
      changes.touchesRange(fault.from, fault.to) !== false
        ? []
        : [{ ...fault, from: changes.mapPos(fault.from, 1), to: changes.mapPos(fault.to, -1) }],
    )
    for (const effect of effects) if (effect.is(setFaults)) kept = [...effect.value]
    return kept
  },
})

/**
 * Text that replaces a selection is inserted here. The browser would keep the colours of what it replaces by an inline style, which the
 * policy of the page forbids.
 */
const overSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data } = event
    const { from, to } = selectedIn(view)
    if (inputType !== 'insertText' || data === null || from === to || view.state.readOnly) return false
    event.preventDefault()
    const insert = () =>
      view.state.update({
        changes: { from, to, insert: data },
        selection: { anchor: from + data.length },
        userEvent: 'input.type',
      })
    const isHandled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert))
    if (!isHandled) view.dispatch(insert())
    return true
  },
})

/** What the browser has selected, which the editor may not know yet. */
function selectedIn(view: EditorView): { from: number; to: number } {
  // Chromium has the method for shadow roots too.
  const selection = (view.root as Document).getSelection?.()
  const { anchorNode, focusNode } = selection ?? { anchorNode: null, focusNode: null }
  if (selection == null || !view.contentDOM.contains(anchorNode) || !view.contentDOM.contains(focusNode)) {
    return view.state.selection.main
  }
  const ends = [
    view.posAtDOM(anchorNode as Node, selection.anchorOffset),
    view.posAtDOM(focusNode as Node, selection.focusOffset),
  ]
  return { from: Math.min(...ends), to: Math.max(...ends) }
}

const parseLinter = jsonParseLinter()

function diagnosticsOf(view: EditorView, schema: JsonSchema | undefined): Diagnostic[] {
  const { state } = view
  const syntax = parseLinter(view)
  if (syntax.length > 0) {
    return syntax.map((each) => ({ ...each, message: t('fault.syntax', { reason: reasonOf(each.message) }) }))
  }
  const fromServer = state.field(serverFaults)
  const found: Diagnostic[] = fromServer.map((fault) => ({ ...fault, severity: 'error' }))
  if (schema === undefined) return found
  for (const { path, message } of faultsOf(schema, JSON.parse(state.doc.toString()))) {
    const range = rangeOf(state, path)
    // The server says the same in its own words.
    if (!fromServer.some(({ from }) => from === range.from)) found.push({ ...range, message, severity: 'error' })
  }
  return found
}

/** What a browser says of a text that is no JSON, without the place, which is marked, and without the text itself. */
function reasonOf(message: string): string {
  return message
    .replace(/^JSON\.parse: /, '')
    .replace(/,? (in JSON )?at (position|line) .*$/s, '')
    .replace(/, "?\.*".*is not valid JSON$/s, '')
}

function problemsOf(state: EditorState): Problem[] {
  const problems: Problem[] = []
  forEachDiagnostic(state, ({ message }, from) => {
    problems.push({ from, line: state.doc.lineAt(from).number, message })
  })
  return problems
}

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
])

const MONOSPACE = 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, monospace'

const THEME = EditorView.theme({
  '&': {
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    border: '1px solid var(--strong-line)',
    borderRadius: '8px',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '2px' },
  '.cm-scroller': {
    fontFamily: MONOSPACE,
    fontSize: '12.5px',
    lineHeight: '1.6',
    maxHeight: '70vh',
    minHeight: '320px',
  },
  '.cm-content': { caretColor: 'var(--text)', padding: '10px 0' },
  '.cm-gutters': { backgroundColor: 'var(--ground)', color: 'var(--soft)', border: 'none' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    boxShadow: '0 12px 32px light-dark(#10182826, #00000080)',
    maxWidth: 'min(420px, 90vw)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: MONOSPACE, fontSize: '12.5px', maxHeight: '240px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-fill)',
    color: '#fff',
  },
  '.cm-completionInfo': { padding: '8px 10px', fontFamily: 'inherit', fontSize: '12.5px' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: '3px solid var(--bad)' },
  // The usual underline is an image in a data URL, which the policy of the page forbids.
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-active': { backgroundColor: 'var(--bad-fill)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--hover)', outline: '1px solid var(--strong-line)' },
})
