import { Html } from '../html.ts'

/**
 * The script of the pages. All pages work without it. It focuses the error summary, prevents double submits, reports that the
 * page is shown or left, filters the list of offers, and sends the result to the page that opened this window. The message
 * contains no credential and goes to the allowed origins only. The window closes when the opener confirms the message from one
 * of these origins.
 *
 * A page cannot tell whether its window is closed or goes on to another page. It reports both as `left`, except on the way to
 * the product, and the server knows which page came after it.
 */
export const PAGE_SCRIPT = new Html(`'use strict';
(() => {
  const summary = document.querySelector('[data-focus]')
  if (summary) summary.focus()
  for (const form of document.querySelectorAll('form')) {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent && form.target !== '_blank') return event.preventDefault()
      form.dataset.sent = '1'
      const button = event.submitter
      if (!button || form.target === '_blank') return
      button.setAttribute('aria-busy', 'true')
      const status = document.querySelector('[data-working]')
      if (status) status.textContent = button.dataset.working || status.dataset.working
    })
  }
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    for (const form of document.querySelectorAll('form')) delete form.dataset.sent
    for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy')
    const status = document.querySelector('[data-working]')
    if (status) status.textContent = ''
  })
  const find = document.querySelector('[data-find]')
  if (find) {
    const [input, status] = [find.querySelector('input'), find.querySelector('[role=status]')]
    const groups = [...document.querySelectorAll('[data-group]')]
    const items = [...document.querySelectorAll('[data-words]')]
    const plain = (text) => text.normalize('NFD').replace(/\\p{M}/gu, '').toLowerCase().replace(/[^\\p{L}\\p{N}]+/gu, ' ')
    const joined = (text) => plain(text).replaceAll(' ', '')
    const shown = () => items.filter((item) => !item.hidden).map((item) => item.querySelector('button')).filter(Boolean)
    const filter = () => {
      const words = plain(input.value).split(/\\s+/).filter(Boolean)
      const matches = (text) => words.every((word) => plain(text).includes(word)) || joined(text).includes(words.join(''))
      for (const item of items) item.hidden = !matches(item.dataset.words)
      for (const group of groups) group.hidden = !group.querySelector('[data-words]:not([hidden])')
      const count = items.filter((item) => !item.hidden).length
      const { one, many, none } = status.dataset
      status.classList.toggle('unseen', count > 0)
      status.textContent = words.length === 0 ? '' : count === 0 ? none.replace('{query}', () => input.value.trim())
        : count === 1 ? one : many.replace('{count}', count)
    }
    find.hidden = false
    input.addEventListener('input', filter)
    input.addEventListener('keydown', (event) => {
      const buttons = shown()
      if (event.key === 'Escape' && input.value) { event.preventDefault(); input.value = ''; filter() }
      if (!buttons.length || event.isComposing || (event.key !== 'ArrowDown' && event.key !== 'Enter')) return
      event.preventDefault()
      if (event.key === 'Enter' && buttons.length === 1) buttons[0].click()
      else buttons[0].focus()
    })
    addEventListener('pageshow', filter)
    document.querySelector('[data-offers]').addEventListener('keydown', (event) => {
      const buttons = shown()
      const at = buttons.indexOf(document.activeElement)
      const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
      if (at < 0 || next === undefined) return
      event.preventDefault()
      if (next < 0) input.focus()
      else if (next < buttons.length) buttons[next].focus()
    })
  }
  let leaves = 'left'
  if (document.body.dataset.report) {
    const { url, page } = JSON.parse(document.body.dataset.report)
    const report = (event) => navigator.sendBeacon(url, new URLSearchParams({ page, event }))
    addEventListener('pageshow', () => report('open'))
    addEventListener('pagehide', () => report(leaves))
  }
  for (const link of document.querySelectorAll('a.primary')) {
    link.addEventListener('click', (event) => { if (!event.ctrlKey && !event.metaKey) leaves = 'away' })
  }
  const done = document.querySelector('[data-done]')
  if (!done) return
  const { message, origins, next } = JSON.parse(done.dataset.done)
  const wait = (waits) => {
    for (const part of done.querySelectorAll('[data-unfinished]')) part.hidden = waits
    for (const part of done.querySelectorAll('[data-waiting]')) part.hidden = !waits
  }
  const leave = () => {
    wait(false)
    if (!next) return
    leaves = 'away'
    location.replace(next)
  }
  const opener = window.opener
  if (!opener) return leave()
  wait(true)
  const timer = setTimeout(leave, 2000)
  addEventListener('message', (event) => {
    if (event.source !== opener || !origins.includes(event.origin)) return
    if (!event.data || event.data.type !== 'latchkey:received' || event.data.session !== message.session) return
    clearTimeout(timer)
    leaves = 'away'
    window.close()
  })
  for (const origin of origins) opener.postMessage(message, origin)
})()`)
