import { Html } from './html.ts'

/**
 * What the pages do besides, where scripts run: none of them needs it. It puts the focus on what went wrong, keeps a form from being
 * sent twice, and tells the page that opened this window how it ended. The message goes to exact origins and holds no
 * credential; the only answer that is heard is that it was heard, from the opener, at one of these origins.
 */
export const BEHAVIOUR = new Html(`'use strict';
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
      if (status) status.textContent = status.dataset.working
    })
  }
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    for (const form of document.querySelectorAll('form')) delete form.dataset.sent
    for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy')
    const status = document.querySelector('[data-working]')
    if (status) status.textContent = ''
  })
  const done = document.querySelector('[data-done]')
  if (!done) return
  const { message, origins, next } = JSON.parse(done.dataset.done)
  const leave = () => { if (next) location.replace(next) }
  const opener = window.opener
  if (!opener) return leave()
  const timer = setTimeout(leave, 2000)
  addEventListener('message', (event) => {
    if (event.source !== opener || !origins.includes(event.origin)) return
    if (!event.data || event.data.type !== 'latchkey:received' || event.data.session !== message.session) return
    clearTimeout(timer)
    window.close()
  })
  for (const origin of origins) opener.postMessage(message, origin)
})()`)
