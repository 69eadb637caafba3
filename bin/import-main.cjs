// A file of its own, because an old Node cannot even read it.
'use strict'

module.exports = (isClone) => (isClone ? import('../src/main.ts') : import('../dist/main.js'))
